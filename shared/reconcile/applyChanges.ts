import { isHubError } from '../hub/hubError.ts';
import type { CreationVerdict, Registry } from '../hub/registry.ts';
import type { Pause } from '../hub/retryDelay.ts';
import type { ModuleChange } from './moduleChange.ts';
import { type DeviceModuleOutcome, type Verdict, verdictOf } from './outcome.ts';
import { type BulkResult, settleSingly } from './settleSingly.ts';

/**
 * Makes changes in one bulk call and settles every one of them: what the response leaves open is looked up by id, and only
 * what is still needed is sent singly. `registry` must be one that retries (`pacedRegistry`). Throws `HubError` only for
 * what ends a run: a quota used up, a right missing.
 */
export async function applyChanges(
  registry: Registry,
  changes: readonly ModuleChange[],
  pause: Pause,
): Promise<DeviceModuleOutcome[]> {
  const result = await sendInBulk(registry, changes);
  const outcomes = [...result.settled];
  await settleSingly(registry, result, pause, {
    settled: (more) => outcomes.push(...more),
    sent() {},
    lookUpFailed() {},
  });
  return outcomes;
}

/** The bulk call alone; `settleSingly` looks up what it leaves open. Throws as `applyChanges`. */
export async function sendInBulk(registry: Registry, changes: readonly ModuleChange[]): Promise<BulkResult> {
  const { verdicts, mayHaveApplied } = await callInBulk(registry, changes);
  const settled: DeviceModuleOutcome[] = [];
  const open: ModuleChange[] = [];
  const servedBefore: ModuleChange[] = [];
  changes.forEach((change, index) => {
    const { deviceId, moduleId } = change;
    const verdict = readVerdict(verdicts[index] ?? 'unknown');
    if (verdict) settled.push({ deviceId, moduleId, ...verdict });
    (verdict ? servedBefore : open).push(change);
  });
  return { settled, open, mayHaveApplied, servedBefore, roundsBefore: 0, ownFailuresBefore: new Map() };
}

async function callInBulk(
  registry: Registry,
  changes: readonly ModuleChange[],
): Promise<{ verdicts: CreationVerdict[]; mayHaveApplied: boolean }> {
  try {
    return { verdicts: await registry.createModules(changes), mayHaveApplied: true };
  } catch (error) {
    const verdicts = changes.map(() => 'unknown' as const);
    if (isHubError(error, 'unavailable')) return { verdicts, mayHaveApplied: true };
    // A refusal of the call as a whole, perhaps because of one of its devices: the single calls show which.
    if (isHubError(error, 'invalid', 'unauthorized', 'tierWithoutModules', 'tooManyModules', 'moduleExists')) {
      return { verdicts, mayHaveApplied: false };
    }
    throw error;
  }
}

/** Undefined for what only a single call can settle, and for a refusal that concerns the app: the single call repeats it. */
function readVerdict(verdict: CreationVerdict): Verdict | undefined {
  if (verdict === 'unknown') return undefined;
  if (verdict === 'created') return { outcome: 'created' };
  if (verdict === 'exists') return { outcome: 'unchanged' };
  return verdictOf(verdict.refused, verdict.code);
}
