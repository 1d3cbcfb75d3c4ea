import { isHubError } from '../hub/hubError.ts';
import type { CreationVerdict, OnInFlight, Registry } from '../hub/registry.ts';
import type { Pause } from '../hub/retryDelay.ts';
import type { ModuleChange } from './moduleChange.ts';
import { type DeviceModuleOutcome, type Verdict, verdictOf } from './outcome.ts';
import { type BulkResult, type ChangeNotes, failedOutcome, settleSingly } from './settleSingly.ts';

/**
 * Makes changes and returns one outcome for each: creates in one bulk call, all others singly. Creates that the response does
 * not settle are looked up by id, and only those still needed are sent singly. `registry` must retry (`pacedRegistry`). Throws
 * `HubError` only for a refusal that ends a run: a quota is used up, a right is missing.
 */
export async function applyChanges(
  registry: Registry,
  changes: readonly ModuleChange[],
  pause: Pause,
): Promise<DeviceModuleOutcome[]> {
  const outcomes: DeviceModuleOutcome[] = [];
  const notes: ChangeNotes = {
    settled: (more) => outcomes.push(...more),
    sent() {},
    failedOnce: (change, error) => outcomes.push(failedOutcome(change, error)),
  };
  const creates = changes.filter(isCreate);
  const result = await sendInBulk(registry, creates);
  notes.settled(result.settled);
  await settleSingly(registry, result, pause, notes);
  const others = changes.filter((change) => !isCreate(change));
  await settleSingly(registry, { unsettled: others, mayHaveApplied: false }, pause, notes);
  return outcomes;
}

/** A change that creates a module; only these can be sent in bulk. */
export type Create = ModuleChange & { do: 'create' };

/** Whether the change creates a module. */
export function isCreate(change: ModuleChange): change is Create {
  return change.do === 'create';
}

/** Sends the bulk call only; `settleSingly` looks up what it does not settle. Throws as `applyChanges`. */
export async function sendInBulk(
  registry: Registry,
  changes: readonly Create[],
  onInFlight?: OnInFlight,
): Promise<BulkResult> {
  const { verdicts, mayHaveApplied } = await callInBulk(registry, changes, onInFlight);
  const settled: DeviceModuleOutcome[] = [];
  const unsettled: ModuleChange[] = [];
  changes.forEach((change, index) => {
    const { deviceId, moduleId } = change;
    const verdict = readVerdict(verdicts[index] ?? 'unknown');
    if (verdict) settled.push({ deviceId, moduleId, ...verdict });
    else unsettled.push(change);
  });
  return { settled, unsettled, mayHaveApplied };
}

async function callInBulk(
  registry: Registry,
  changes: readonly Create[],
  onInFlight: OnInFlight | undefined,
): Promise<{ verdicts: CreationVerdict[]; mayHaveApplied: boolean }> {
  try {
    return { verdicts: await registry.createModules(changes, onInFlight), mayHaveApplied: true };
  } catch (error) {
    const verdicts = changes.map(() => 'unknown' as const);
    if (isHubError(error, 'unavailable')) return { verdicts, mayHaveApplied: true };
    // The whole call was refused, perhaps because of one device: the single calls show which.
    if (isHubError(error, 'invalid', 'unauthorized', 'tierWithoutModules', 'tooManyModules', 'moduleExists')) {
      return { verdicts, mayHaveApplied: false };
    }
    throw error;
  }
}

/** Undefined if only a single call can settle the change, or if the refusal concerns the app: a single call then throws it. */
function readVerdict(verdict: CreationVerdict): Verdict | undefined {
  if (verdict === 'unknown') return undefined;
  if (verdict === 'created') return { outcome: 'created' };
  if (verdict === 'exists') return { outcome: 'unchanged' };
  return verdictOf(verdict.refused, verdict.code);
}
