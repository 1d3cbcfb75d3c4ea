import { assertNever } from '../assertNever.ts';
import { concurrently } from '../concurrently.ts';
import { type HubError, isHubError } from '../hub/hubError.ts';
import type { Registry } from '../hub/registry.ts';
import type { Pause } from '../hub/retryDelay.ts';
import { applyChange } from './applyChange.ts';
import type { ModuleChange } from './moduleChange.ts';
import { type DeviceModuleOutcome, type Outcome, type Verdict, verdictOf } from './outcome.ts';

/** The result of a bulk call. */
export interface BulkResult {
  settled: DeviceModuleOutcome[];
  /** Changes without an outcome yet. */
  unsettled: ModuleChange[];
  /** Whether the hub may already have made changes of `unsettled`. */
  mayHaveApplied: boolean;
}

/** Receives each new state of a change at once, because a slice may end at any moment. */
export interface ChangeNotes {
  settled(outcomes: readonly DeviceModuleOutcome[]): void;
  /** From now on the hub may have made these changes, even if no response arrives. */
  sent(changes: readonly ModuleChange[]): void;
  /** The change failed by itself, while the hub served others; it has no outcome yet. */
  failedOnce(change: ModuleChange, error: HubError): void;
}

/** The largest number of look-ups at the same time. One at a time would be slower than the budget of a large hub. */
const lookUpConcurrency = 32;

/** How often a look-up (a read and a create together) is tried before it counts as one failure of the device. */
const triesPerFailure = 3;

/**
 * Looks up by id the changes that no bulk call has settled, and makes those that are still needed; `notes` receives an
 * outcome or a failure for each. `registry` must be one that waits out outages (`pacedRegistry`), so that a failure is the
 * device's own. Throws as `applyChanges`; what `notes` received before the error remains valid.
 */
export async function settleSingly(
  registry: Registry,
  { unsettled, mayHaveApplied }: Omit<BulkResult, 'settled'>,
  pause: Pause,
  notes: ChangeNotes,
): Promise<void> {
  await concurrently(unsettled, lookUpConcurrency, async (change) => {
    let mayBeOurs = mayHaveApplied;
    const beforeSending = () => {
      mayBeOurs = true;
      notes.sent([change]);
    };
    for (let tries = 1; ; tries++) {
      try {
        notes.settled([await lookUpAndApply(registry, change, mayBeOurs, beforeSending)]);
        return;
      } catch (error) {
        if (!isHubError(error, 'unavailable')) throw error;
        if (tries === triesPerFailure) return notes.failedOnce(change, error);
        await pause(tries - 1);
      }
    }
  });
}

/** `mayBeOurs`: an earlier call of the app may have made the change already. */
async function lookUpAndApply(
  registry: Registry,
  change: ModuleChange,
  mayBeOurs: boolean,
  beforeSending: () => void,
): Promise<DeviceModuleOutcome> {
  switch (change.do) {
    case 'create':
      return lookUpAndCreate(registry, change, mayBeOurs, beforeSending);
    case 'writeTwin':
      beforeSending();
      return withUnchangedAs(mayBeOurs ? 'updated' : 'unchanged', await applyChange(registry, change));
    case 'remove':
      beforeSending();
      return withUnchangedAs(mayBeOurs ? 'removed' : 'unchanged', await applyChange(registry, change));
    default:
      return assertNever(change);
  }
}

/** Replaces `unchanged` by `unchangedAs`: if an earlier call of the app was sent, that call has made the change. */
function withUnchangedAs(unchangedAs: Outcome, outcome: DeviceModuleOutcome): DeviceModuleOutcome {
  return outcome.outcome === 'unchanged' ? { ...outcome, outcome: unchangedAs } : outcome;
}

async function lookUpAndCreate(
  registry: Registry,
  change: ModuleChange & { do: 'create' },
  mayBeOurs: boolean,
  beforeSending: () => void,
): Promise<DeviceModuleOutcome> {
  const { deviceId, moduleId } = change;
  try {
    if (await registry.hasModule(change)) return { deviceId, moduleId, outcome: mayBeOurs ? 'created' : 'unchanged' };
  } catch (error) {
    const verdict = isHubError(error) ? verdictOf(error.kind, error.code) : undefined;
    if (verdict === undefined) throw error;
    return { deviceId, moduleId, ...verdict };
  }
  beforeSending();
  return applyChange(registry, change);
}

/** The outcome of a change that is not tried again. */
export function failedOutcome({ deviceId, moduleId }: ModuleChange, error: HubError): DeviceModuleOutcome {
  return { deviceId, moduleId, ...failedVerdict(error) };
}

/** The verdict on a device whose calls failed by themselves: the status, without a response the code. */
export function failedVerdict({ status, code }: HubError): Verdict {
  return { outcome: 'failed', reason: status === undefined ? (code ?? 'no answer') : `HTTP ${status}` };
}
