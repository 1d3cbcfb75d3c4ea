import { isHubError } from '../hub/hubError.ts';
import type { ModuleCreation, Page, Registry } from '../hub/registry.ts';
import type { DeviceInfo } from '../policy/deviceInfo.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { policyReadsTags } from '../policy/policyReadsTags.ts';
import { findMissing } from '../reconcile/findMissing.ts';
import type { DeviceModuleOutcome, ModuleOutcome } from '../reconcile/outcome.ts';
import { type DevicePlan, planDevice } from '../reconcile/planDevice.ts';
import { addOne, type Counts, countOutcome } from '../run/counts.ts';

/** The hub no longer knows the continuation token, so the listing must begin anew. */
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

/** A page with all that had to be asked about it, so that counting it can neither wait nor fail. */
export interface ExaminedPage {
  plans: DevicePlan[];
  /** Modules that the hub's index knows of, and does not know of. */
  present: ModuleCreation[];
  missing: ModuleCreation[];
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
  return { plans, ...(await findMissing(registry, wanted, concurrency)) };
}

/** What is settled of a page without any create, as outcomes of its pairs. */
export function settledOf({ plans, present }: ExaminedPage): ModuleOutcome[] {
  const unchanged = present.map(({ moduleId }) => ({ moduleId, outcome: 'unchanged' as const }));
  return [...plans.flatMap(({ settled }) => settled), ...unchanged];
}

/** Counts what is settled of a page without any create; answers the pairs that need a line in the report. */
export function countPage(counts: Counts, { plans, present }: ExaminedPage): DeviceModuleOutcome[] {
  const blocked: DeviceModuleOutcome[] = [];
  for (const { settled, wanted } of plans) {
    counts.devices += 1;
    if (wanted.length === 0 && settled.every(({ outcome }) => outcome === 'excluded')) {
      addOne(counts.excluded, settled[0]?.reason ?? 'unknown');
      continue;
    }
    counts.selected += 1;
    for (const outcome of settled) countOutcome(counts, outcome);
    blocked.push(...settled.filter(({ outcome }) => outcome === 'blocked'));
  }
  counts.unchanged += present.length;
  return blocked;
}
