import { isHubError } from '../hub/hubError.ts';
import type { CreationVerdict, ModuleCreation, Registry } from '../hub/registry.ts';
import type { Pause } from '../hub/retryDelay.ts';
import { blockedReason } from './blockedReason.ts';
import type { BulkAnswer } from './bulkAnswer.ts';
import type { DeviceModuleOutcome } from './outcome.ts';
import { settleSingly } from './settleSingly.ts';

/**
 * Creates modules in one bulk call and settles every one of them: what the answer does not tell is looked up by id, and
 * only what is missing is created singly. `registry` must be one that retries (`pacedRegistry`). Throws `HubError` only
 * for what ends a run: a quota used up, a right missing.
 */
export async function createMany(
  registry: Registry,
  creations: readonly ModuleCreation[],
  pause: Pause,
): Promise<DeviceModuleOutcome[]> {
  const answer = await createInBulk(registry, creations);
  const outcomes = [...answer.settled];
  const nothing = () => {};
  const settled = (outcome: DeviceModuleOutcome) => outcomes.push(outcome);
  await settleSingly(registry, answer, pause, { settled, asked: nothing, troubled: nothing });
  return outcomes;
}

/** The bulk call alone; `settleSingly` looks into what it leaves open. Throws as `createMany`. */
export async function createInBulk(registry: Registry, creations: readonly ModuleCreation[]): Promise<BulkAnswer> {
  const { verdicts, mayHaveMade } = await callInBulk(registry, creations);
  const settled: DeviceModuleOutcome[] = [];
  const open: ModuleCreation[] = [];
  const servedBefore: ModuleCreation[] = [];
  creations.forEach((creation, index) => {
    const outcome = outcomeOf(creation, verdicts[index] ?? 'unknown');
    if (outcome) settled.push(outcome);
    (outcome ? servedBefore : open).push(creation);
  });
  return { settled, open, mayHaveMade, servedBefore, roundsBefore: 0, ownFailuresBefore: new Map() };
}

async function callInBulk(
  registry: Registry,
  creations: readonly ModuleCreation[],
): Promise<{ verdicts: CreationVerdict[]; mayHaveMade: boolean }> {
  try {
    return { verdicts: await registry.createModules(creations), mayHaveMade: true };
  } catch (error) {
    const verdicts = creations.map(() => 'unknown' as const);
    if (isHubError(error, 'unavailable')) return { verdicts, mayHaveMade: true };
    // A refusal of the call as a whole, because of one of its devices perhaps: the single calls will tell which.
    if (isHubError(error, 'invalid', 'unauthorized', 'tierWithoutModules', 'tooManyModules', 'moduleExists')) {
      return { verdicts, mayHaveMade: false };
    }
    throw error;
  }
}

/** Undefined for what the single calls have to tell. */
function outcomeOf({ deviceId, moduleId }: ModuleCreation, verdict: CreationVerdict): DeviceModuleOutcome | undefined {
  if (verdict === 'unknown') return undefined;
  if (verdict === 'created') return { deviceId, moduleId, outcome: 'created' };
  if (verdict === 'exists') return { deviceId, moduleId, outcome: 'unchanged' };
  const { refused, code } = verdict;
  switch (refused) {
    case 'deviceNotFound':
      return { deviceId, moduleId, outcome: 'gone' };
    case 'unauthorized': // may be about the device, or about us
    case 'identityCap': // the single call says it again, with its tracking id
    case 'dailyQuota':
    case 'forbidden':
      return undefined;
  }
  const reason = blockedReason(refused);
  if (reason !== undefined) return { deviceId, moduleId, outcome: 'blocked', reason };
  return { deviceId, moduleId, outcome: 'failed', reason: code ?? refused };
}
