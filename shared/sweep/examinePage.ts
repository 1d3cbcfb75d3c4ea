import { isHubError } from '../hub/hubError.ts';
import type { Page, Registry } from '../hub/registry.ts';
import type { DeviceInfo } from '../policy/deviceInfo.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { policyReadsTags } from '../policy/selectSpec.ts';
import { type Comparison, compare, compareUnreachable } from '../reconcile/compare.ts';
import { findModules } from '../reconcile/findModules.ts';
import { type DeviceModuleOutcome, outcomeFacts } from '../reconcile/outcome.ts';
import { type DevicePlan, planDevice } from '../reconcile/planDevice.ts';
import { type Counts, countOutcome, increment } from '../run/counts.ts';
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
 * modules that the index shows are read by id (`sampleOfDay`). Throws as the registry.
 */
export async function examinePage(
  registry: Registry,
  policy: Policy,
  page: Page<DeviceInfo>,
  { concurrency, sample }: { concurrency: number; sample: number },
): Promise<ExaminedPage> {
  const plans = page.rows.map((device) => planDevice(policy, device, registry));
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

/** The outcomes of a page that need no change. */
export function settledOf({ plans, unchanged, unreachable }: ExaminedPage): DeviceModuleOutcome[] {
  return [...plans.flatMap(({ settled }) => settled), ...unchanged, ...unreachable];
}

/** Counts the outcomes of a page that need no change; returns those that get a line in the failures file. */
export function countPage(counts: Counts, page: ExaminedPage): DeviceModuleOutcome[] {
  const { plans, unchanged, unreachable, unreadable } = page;
  const isReported = ({ outcome }: DeviceModuleOutcome) => outcomeFacts[outcome].reported;
  const reported = unreachable.filter(isReported);
  counts.unreadable += unreadable;
  for (const { settled, wanted, unreachable: refused } of plans) {
    counts.devices += 1;
    if (wanted.length + refused.length === 0 && settled.every(({ outcome }) => outcome === 'excluded')) {
      increment(counts.excluded, settled[0]?.reason ?? 'unknown');
      continue;
    }
    counts.selected += 1;
    for (const outcome of settled) countOutcome(counts, outcome);
    reported.push(...settled.filter(isReported));
  }
  for (const outcome of [...unchanged, ...unreachable]) countOutcome(counts, outcome);
  return reported;
}
