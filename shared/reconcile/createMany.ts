import { type HubError, type HubErrorKind, isHubError } from '../hub/hubError.ts';
import type { CreationVerdict, ModuleCreation, Registry } from '../hub/registry.ts';
import { blockedReason } from './blockedReason.ts';
import { createOne } from './createOne.ts';
import type { DeviceModuleOutcome } from './outcome.ts';

/** A device is given up after so many failures of its own while the hub served others (design section 5). */
const maxOwnFailures = 5;

/**
 * Creates modules in one bulk call and settles every one of them: what the answer does not tell is looked up by id, and
 * only what is missing is created singly. `registry` must be one that retries (`pacedRegistry`). Throws `HubError` only
 * for what ends a run: a quota used up, a right missing.
 */
export async function createMany(
  registry: Registry,
  creations: readonly ModuleCreation[],
): Promise<DeviceModuleOutcome[]> {
  const verdicts = await bulkVerdicts(registry, creations);
  const settled: DeviceModuleOutcome[] = [];
  const open: ModuleCreation[] = [];
  creations.forEach((creation, index) => {
    const outcome = outcomeOf(creation, verdicts[index] ?? 'unknown');
    if (outcome) settled.push(outcome);
    else open.push(creation);
  });
  return [...settled, ...(await settleSingly(registry, open))];
}

async function bulkVerdicts(registry: Registry, creations: readonly ModuleCreation[]): Promise<CreationVerdict[]> {
  try {
    return await registry.createModules(creations);
  } catch (error) {
    // No answer, or one that refuses the call as a whole: each may or may not have been made.
    if (isHubError(error, 'unavailable', 'invalid', 'unauthorized', 'tierWithoutModules', 'tooManyModules')) {
      return creations.map(() => 'unknown');
    }
    throw error;
  }
}

function outcomeOf({ deviceId, moduleId }: ModuleCreation, verdict: CreationVerdict): DeviceModuleOutcome | undefined {
  if (verdict === 'unknown') return undefined;
  if (verdict === 'created') return { deviceId, moduleId, outcome: 'created' };
  if (verdict === 'exists') return { deviceId, moduleId, outcome: 'unchanged' };
  if (verdict.refused === 'deviceNotFound') return { deviceId, moduleId, outcome: 'gone' };
  if (endsRun(verdict.refused)) return undefined; // the single call says it again, with its tracking id
  const reason = blockedReason(verdict.refused);
  if (reason !== undefined) return { deviceId, moduleId, outcome: 'blocked', reason };
  return { deviceId, moduleId, outcome: 'failed', reason: verdict.code ?? verdict.refused };
}

function endsRun(kind: HubErrorKind): boolean {
  return kind === 'identityCap' || kind === 'dailyQuota' || kind === 'forbidden';
}

async function settleSingly(registry: Registry, creations: readonly ModuleCreation[]): Promise<DeviceModuleOutcome[]> {
  const outcomes: DeviceModuleOutcome[] = [];
  const ownFailures = new Map<ModuleCreation, number>();
  for (let open = [...creations]; open.length > 0; ) {
    const failed: { creation: ModuleCreation; error: HubError }[] = [];
    for (const creation of open) {
      try {
        outcomes.push({ deviceId: creation.deviceId, ...(await lookUpOrCreate(registry, creation)) });
      } catch (error) {
        if (!isHubError(error, 'unavailable')) throw error;
        failed.push({ creation, error });
      }
    }
    // Whose trouble is it? If the hub serves nobody, this waits until it does again, and blames no device.
    if (failed.length > 0 && failed.length === open.length) await registry.countDevices();
    open = [];
    for (const { creation, error } of failed) {
      const failures = (ownFailures.get(creation) ?? 0) + 1;
      ownFailures.set(creation, failures);
      if (failures < maxOwnFailures) open.push(creation);
      else outcomes.push(failure(creation, error));
    }
  }
  return outcomes;
}

/** The bulk call was made because the module was missing; if it is there now, that call made it. */
async function lookUpOrCreate(registry: Registry, creation: ModuleCreation) {
  const { moduleId } = creation;
  if (await registry.hasModule(creation)) return { moduleId, outcome: 'created' as const };
  return createOne(registry, creation);
}

function failure({ deviceId, moduleId }: ModuleCreation, error: HubError): DeviceModuleOutcome {
  const reason = error.status === undefined ? (error.code ?? 'no answer') : `HTTP ${error.status}`;
  return { deviceId, moduleId, outcome: 'failed', reason };
}
