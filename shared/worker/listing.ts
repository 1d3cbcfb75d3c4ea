import { isHubError } from '../hub/hubError.ts';
import type { ModuleCreation, Page, Registry } from '../hub/registry.ts';
import type { DeviceInfo } from '../policy/deviceInfo.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { policyReadsTags } from '../policy/policyReadsTags.ts';
import { findMissing } from '../reconcile/findMissing.ts';
import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import { planDevice } from '../reconcile/planDevice.ts';
import { addOne, type Counts, countOutcome } from './counts.ts';

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

export interface PageResult {
  /** Modules that the hub's index does not know of. */
  missing: ModuleCreation[];
  /** Pairs that need a line in the report. */
  blocked: DeviceModuleOutcome[];
}

/** Applies the policy to a page and counts what that settles; `counts` is only touched when nothing can fail any more. */
export async function absorbPage(
  registry: Registry,
  policy: Policy,
  page: Page<DeviceInfo>,
  counts: Counts,
): Promise<PageResult> {
  const plans = page.rows.map((device) => planDevice(policy, device, registry.reachesDisabledDevices));
  const { present, missing } = await findMissing(
    registry,
    plans.flatMap(({ wanted }) => wanted),
  );
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
  return { missing, blocked };
}
