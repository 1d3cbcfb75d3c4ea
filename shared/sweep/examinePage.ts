import { isHubError } from '../hub/hubError.ts';
import type { Page, Registry } from '../hub/registry.ts';
import type { DeviceInfo } from '../policy/deviceInfo.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { policyReadsTags } from '../policy/selectSpec.ts';
import { type Comparison, compare } from '../reconcile/compare.ts';
import { findModules } from '../reconcile/findModules.ts';
import { type DeviceModuleOutcome, outcomeFacts } from '../reconcile/outcome.ts';
import { type DevicePlan, planDevice } from '../reconcile/planDevice.ts';
import { addOne, type Counts, countOutcome } from '../run/counts.ts';

/** The hub no longer knows the continuation token, so the listing must restart. */
export class ContinuationRefusedError extends Error {
  constructor() {
    super('The hub refused the continuation token of the listing.');
    this.name = 'ContinuationRefusedError';
  }
}

/** Throws `ContinuationRefusedError`, or the registry's errors. */
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
    // The query itself never changes, so a refusal of a later page can only mean its token.
    if (continuation !== undefined && isHubError(error, 'invalid')) throw new ContinuationRefusedError();
    throw error;
  }
}

/** A page compared with the policy: all that the hub had to be asked is known, so counting it neither waits nor fails. */
export interface ExaminedPage extends Comparison {
  plans: DevicePlan[];
}

/** `concurrency`: how many queries may be under way at a time. */
export async function examinePage(
  registry: Registry,
  policy: Policy,
  page: Page<DeviceInfo>,
  concurrency: number,
): Promise<ExaminedPage> {
  const plans = page.rows.map((device) => planDevice(policy, device, registry.reachesDisabledDevices));
  const wanted = plans.flatMap((plan) => plan.wanted);
  return { plans, ...compare(wanted, await findModules(registry, wanted, concurrency)) };
}

/** What is settled of a page without any change, as outcomes of its pairs. */
export function settledOf({ plans, unchanged }: ExaminedPage): DeviceModuleOutcome[] {
  return [...plans.flatMap(({ settled }) => settled), ...unchanged];
}

/** Counts what is settled of a page without any change; returns the pairs that need a line in the failures. */
export function countPage(counts: Counts, { plans, unchanged }: ExaminedPage): DeviceModuleOutcome[] {
  const reported: DeviceModuleOutcome[] = [];
  for (const { settled, wanted } of plans) {
    counts.devices += 1;
    if (wanted.length === 0 && settled.every(({ outcome }) => outcome === 'excluded')) {
      addOne(counts.excluded, settled[0]?.reason ?? 'unknown');
      continue;
    }
    counts.selected += 1;
    for (const outcome of settled) countOutcome(counts, outcome);
    reported.push(...settled.filter(({ outcome }) => outcomeFacts[outcome].reported));
  }
  for (const outcome of unchanged) countOutcome(counts, outcome);
  return reported;
}
