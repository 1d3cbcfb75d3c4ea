import { concurrently } from '../concurrently.ts';
import { type HubError, isHubError } from '../hub/hubError.ts';
import type { Registry } from '../hub/registry.ts';
import type { Pause } from '../hub/retryDelay.ts';
import { applyChange } from './applyChange.ts';
import type { ModuleChange } from './moduleChange.ts';
import type { DeviceModuleOutcome } from './outcome.ts';

/** The result of a bulk call, and what earlier slices know about its changes. */
export interface BulkResult {
  settled: DeviceModuleOutcome[];
  /** Changes without an outcome yet. */
  unsettled: ModuleChange[];
  /** Whether the hub may already have made changes of `unsettled`. */
  mayHaveApplied: boolean;
  /** The settled changes: reading their modules tests whether the hub serves other devices. */
  servedBefore: ModuleChange[];
  /** Failed look-up rounds of each of `unsettled` so far. */
  roundsBefore: number;
  /** Failures of `unsettled` changes so far while the hub served other devices. */
  ownFailuresBefore: ReadonlyMap<ModuleChange, number>;
}

/** Receives the state of changes as it changes, because a slice may end at any moment. */
export interface ChangeNotes {
  settled(outcomes: readonly DeviceModuleOutcome[]): void;
  /** From now on the hub may have made these changes, even if no response arrives. */
  sent(changes: readonly ModuleChange[]): void;
  /** A look-up round of this change failed; `isOwn`: while the hub served other devices. */
  lookUpFailed(change: ModuleChange, isOwn: boolean): void;
}

/** A change is `failed` after this many failures while the hub served other devices. */
const maxOwnFailures = 5;
/**
 * If no other device was served, failures count as the device's own only after this many rounds, over all slices: on a hub
 * that fails every third call, a round of the three calls for a disabled device fails in about 70 % of cases (1 − (2/3)³).
 */
const minRoundsWithoutOthers = 40;
/**
 * A failure counts as the device's own only if this many reads of other modules succeed right after it. On a hub that fails
 * every third call, one device in a hundred would have five failures in a row; with these reads not one in a million counts
 * five.
 */
const controlReads = 10;

/** Sequential look-ups of a chunk of 100 would take longer than a large hub's budget needs for the next chunk. */
const lookUpConcurrency = 32;

/**
 * Looks up by id the changes that a bulk call did not settle, and makes those that are still needed; `notes` receives one
 * outcome for each. Throws as `applyChanges`; outcomes received before the error remain valid.
 */
export async function settleSingly(
  registry: Registry,
  result: Omit<BulkResult, 'settled'>,
  pause: Pause,
  notes: ChangeNotes,
): Promise<void> {
  const { mayHaveApplied, roundsBefore } = result;
  const ownFailures = new Map(result.ownFailuresBefore);
  const sent = new Set<ModuleChange>();
  const served = [...result.servedBefore];
  let { unsettled } = result;
  for (let round = 0; unsettled.length > 0; round++) {
    if (round > 0) await pause(round - 1);
    const failed: { change: ModuleChange; error: HubError }[] = [];
    await concurrently(unsettled, lookUpConcurrency, async (change) => {
      try {
        const mayBeOurs = mayHaveApplied || sent.has(change);
        const send = () => {
          sent.add(change);
          notes.sent([change]);
        };
        notes.settled([await lookUpAndApply(registry, change, mayBeOurs, send)]);
        served.push(change);
      } catch (error) {
        if (!isHubError(error, 'unavailable')) throw error;
        failed.push({ change, error });
      }
    });
    // If every look-up failed, probe the hub; `pacedRegistry` waits out an outage in this call.
    if (failed.length > 0 && failed.length === unsettled.length) await registry.countDevices();
    const isOwn =
      failed.length > 0 &&
      (served.length > 0 ? await servesOthers(registry, served) : roundsBefore + round >= minRoundsWithoutOthers);
    unsettled = [];
    for (const { change, error } of failed) {
      const failures = (ownFailures.get(change) ?? 0) + (isOwn ? 1 : 0);
      ownFailures.set(change, failures);
      notes.lookUpFailed(change, isOwn);
      if (failures < maxOwnFailures) unsettled.push(change);
      else notes.settled([failedOutcome(change, error)]);
    }
  }
}

async function lookUpAndApply(
  registry: Registry,
  change: ModuleChange,
  mayBeOurs: boolean,
  beforeSending: () => void,
): Promise<DeviceModuleOutcome> {
  if (!(await registry.hasModule(change))) {
    beforeSending();
    return applyChange(registry, change);
  }
  const { deviceId, moduleId } = change;
  return { deviceId, moduleId, outcome: mayBeOurs ? 'created' : 'unchanged' };
}

/** Reads modules that were settled before, the latest first; false if one of these reads fails. */
async function servesOthers(registry: Registry, served: readonly ModuleChange[]): Promise<boolean> {
  try {
    for (let read = 0; read < controlReads; read++) {
      const other = served.at(-1 - (read % served.length));
      if (other) await registry.hasModule(other);
    }
    return true;
  } catch (error) {
    if (!isHubError(error, 'unavailable')) throw error;
    return false;
  }
}

function failedOutcome({ deviceId, moduleId }: ModuleChange, error: HubError): DeviceModuleOutcome {
  const reason = error.status === undefined ? (error.code ?? 'no response') : `HTTP ${error.status}`;
  return { deviceId, moduleId, outcome: 'failed', reason };
}
