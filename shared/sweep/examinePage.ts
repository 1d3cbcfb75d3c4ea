import { concurrently } from '../concurrently.ts';
import { isHubError } from '../hub/hubError.ts';
import type { ModuleName, Page, Registry } from '../hub/registry.ts';
import { moduleQueries } from '../hub/twinQueries.ts';
import type { DeviceInfo } from '../policy/deviceInfo.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { policyReadsTags } from '../policy/selectSpec.ts';
import { type Comparison, compare, compareUnreachable } from '../reconcile/compare.ts';
import { pairKey } from '../reconcile/moduleChange.ts';
import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import { type DevicePlan, planDevice } from '../reconcile/planDevice.ts';
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
export interface ExaminedPage extends Comparison {
  plans: DevicePlan[];
  /** The outcomes of disabled devices whose modules cannot be changed. */
  unreachable: DeviceModuleOutcome[];
  /** Rows without a device id. */
  unreadable: number;
}

/**
 * Plans each device of a page and finds the changes still needed. `concurrency`: most calls in flight; `sample`: which of the
 * modules that the index shows are read by id (`sampleOfDay`); `nowMs`: as of when devices are selected. Throws as the registry.
 */
export async function examinePage(
  registry: Registry,
  policy: Policy,
  page: Page<DeviceInfo>,
  { concurrency, sample, nowMs }: { concurrency: number; sample: number; nowMs: number },
): Promise<ExaminedPage> {
  const plans = page.rows.map((device) => planDevice(policy, device, registry, nowMs));
  const wanted = plans.flatMap((plan) => plan.wanted);
  const unreachable = plans.flatMap((plan) => plan.unreachable);
  const names = [...wanted, ...unreachable];
  const shown = await findModules(registry, names, concurrency);
  const found = await believeFound(registry, names, shown, { of: sample, concurrency });
  return {
    plans,
    unreadable: page.unreadable ?? 0,
    ...compare(wanted, found),
    unreachable: compareUnreachable(unreachable, found),
  };
}

/**
 * Returns the `pairKey`s of the modules that the hub's query index knows. The index is stale by seconds to minutes
 * (Microsoft, IoT Hub query language page), so a missing module may exist; a create does not change it then. `concurrency`
 * is the number of queries in flight.
 */
export async function findModules(
  registry: Registry,
  names: readonly ModuleName[],
  concurrency: number,
): Promise<Set<string>> {
  const deviceIds = [...new Set(names.map(({ deviceId }) => deviceId))];
  const moduleIds = [...new Set(names.map(({ moduleId }) => moduleId))];
  const found = new Set<string>();
  await concurrently(moduleQueries(deviceIds, moduleIds), concurrency, async (text) => {
    let continuation: string | undefined;
    do {
      const page = await registry.findModules({ text, ...(continuation === undefined ? {} : { continuation }) });
      for (const row of page.rows) found.add(pairKey(row));
      continuation = page.continuation;
    } while (continuation !== undefined);
  });
  return found;
}
