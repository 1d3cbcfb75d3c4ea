import { concurrently } from '../concurrently.ts';
import { isHubError } from '../hub/hubError.ts';
import type { FoundModule, ModuleColumns, ModuleName, Page, Registry } from '../hub/registry.ts';
import { moduleQueries, readableColumns } from '../hub/twinQueries.ts';
import type { DeviceInfo } from '../policy/deviceInfo.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { reportsHealth } from '../policy/reportsHealth.ts';
import { policyReadsTags } from '../policy/selectSpec.ts';
import { type Decisions, decideAll, type NoRemoval } from '../reconcile/decide.ts';
import { pairKey } from '../reconcile/moduleChange.ts';
import { healthOf } from '../reconcile/moduleHealth.ts';
import { type DevicePlan, planDevice, type Wish } from '../reconcile/planDevice.ts';
import { columnsOf } from '../reconcile/wantedTwin.ts';
import type { FoundHealth } from '../run/healthCounts.ts';
import { believeFound } from './believeFound.ts';

/** The hub refuses the continuation token, so the listing must restart. */
export class ContinuationRefusedError extends Error {
  constructor() {
    super('The hub refused the continuation token of the listing.');
    this.name = 'ContinuationRefusedError';
  }
}

/** Reads one page of devices. Throws `ContinuationRefusedError`, or the registry's errors. */
export async function listPage(
  registry: Registry,
  policy: Policy,
  maxRows: number,
  continuation: string | undefined,
): Promise<Page<DeviceInfo>> {
  const withTags = policyReadsTags(policy);
  try {
    return await registry.listDevices({ withTags, maxRows, ...(continuation === undefined ? {} : { continuation }) });
  } catch (error) {
    // The query is the same for every page, so the refusal of a later page can only concern its token.
    if (continuation !== undefined && isHubError(error, 'invalid')) throw new ContinuationRefusedError();
    throw error;
  }
}

/** A page compared with the policy. Counting it needs no further call. */
export interface ExaminedPage extends Decisions {
  /** The plan of each device, made from its data alone. `settled` and `needed` are the decisions on the wishes of all plans. */
  plans: DevicePlan[];
  /** What the agent of each module reports; only modules whose agent reports its health. */
  health: FoundHealth[];
  /** Rows without a device id. */
  unreadable: number;
}

/** How a page is examined. */
export interface Examination {
  /** The largest number of calls in flight. */
  concurrency: number;
  /** Which of the modules that the index shows are read by id (`sampleOfDay`). */
  sample: number;
  /** The time as of which devices are selected, because exemptions end; milliseconds since 1970. */
  nowMs: number;
  /** Why the run may remove nothing; undefined if it may. */
  noRemoval?: NoRemoval;
}

/** Plans each device of a page and finds the changes still needed. Throws as the registry. */
export async function examinePage(
  registry: Registry,
  policy: Policy,
  page: Page<DeviceInfo>,
  { concurrency, sample, nowMs, noRemoval }: Examination,
): Promise<ExaminedPage> {
  const plans = page.rows.map((device) => planDevice(policy, device, registry, nowMs));
  const wishes = plans.flatMap((plan) => plan.wishes);
  const shown = await findModules(registry, wishes, concurrency, columnsOf(policy));
  const found = await believeFound(registry, wishes, shown, { of: sample, concurrency });
  const health = wishes.flatMap((wish) => healthOfWish(wish, found.get(pairKey(wish)), nowMs));
  return { plans, health, unreadable: page.unreadable ?? 0, ...decideAll(wishes, found, noRemoval) };
}

function healthOfWish({ spec }: Wish, found: FoundModule | undefined, nowMs: number): FoundHealth[] {
  if (!found?.report || !reportsHealth(spec)) return [];
  const { deviceId, moduleId, report } = found;
  const { state: _state, ...facts } = report;
  return [{ deviceId, moduleId, health: healthOf(report, nowMs), ...facts }];
}

/**
 * Returns, by `pairKey`, the modules that the hub's query index knows. The index is stale by seconds to minutes
 * (Microsoft, IoT Hub query language page), so a module that it does not show may exist; a create does not change such a module.
 * `concurrency` is the number of queries in flight; `columns`: what is read of each twin. Throws as the registry.
 */
export async function findModules(
  registry: Registry,
  names: readonly ModuleName[],
  concurrency: number,
  columns?: ModuleColumns,
): Promise<Map<string, FoundModule>> {
  const deviceIds = [...new Set(names.map(({ deviceId }) => deviceId))];
  const moduleIds = [...new Set(names.map(({ moduleId }) => moduleId))];
  const read = columns && readableColumns(columns);
  const found = new Map<string, FoundModule>();
  await concurrently(moduleQueries(deviceIds, moduleIds, read), concurrency, async (text) => {
    let continuation: string | undefined;
    do {
      const from = continuation === undefined ? {} : { continuation };
      const page = await registry.findModules({ text, ...(read ? { columns: read } : {}), ...from });
      for (const row of page.rows) found.set(pairKey(row), row);
      continuation = page.continuation;
    } while (continuation !== undefined);
  });
  return found;
}
