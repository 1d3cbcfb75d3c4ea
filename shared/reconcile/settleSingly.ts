import { concurrently } from '../concurrently.ts';
import { type HubError, isHubError } from '../hub/hubError.ts';
import type { Registry } from '../hub/registry.ts';
import type { Pause } from '../hub/retryDelay.ts';
import { applyChange } from './applyChange.ts';
import type { ModuleChange } from './moduleChange.ts';
import type { DeviceModuleOutcome } from './outcome.ts';

/** What a bulk call came back with. */
export interface BulkResult {
  settled: DeviceModuleOutcome[];
  /** Changes of which the response says nothing. */
  open: ModuleChange[];
  /** Whether the call may have made changes of `open`. */
  mayHaveApplied: boolean;
  /** The changes that are settled: they show that the hub serves others. */
  servedBefore: ModuleChange[];
  /** Rounds of looking up that have failed already for each of `open`. */
  roundsBefore: number;
  /** How often some of `open` have failed by themselves already, while the hub served others. */
  ownFailuresBefore: ReadonlyMap<ModuleChange, number>;
}

/** Told what becomes of changes, as it happens: a slice may end at any moment. */
export interface ChangeNotes {
  settled(outcomes: readonly DeviceModuleOutcome[]): void;
  /** The hub may have made these changes, whatever becomes of its response. */
  sent(changes: readonly ModuleChange[]): void;
  /** A look-up round of this change has failed; `own`: while the hub served others. */
  lookUpFailed(change: ModuleChange, own: boolean): void;
}

/** A device is given up after so many failures of its own while the hub served others. */
const maxOwnFailures = 5;
/**
 * Where the hub serves none of the devices, so many rounds pass, over all slices, before one counts as their own failure: on
 * a hub that fails every third call, a round of the three calls for a disabled device fails three times out of four.
 */
const patientRounds = 40;
/**
 * A failure counts as the device's own only if so many reads of others succeed right after it: on a hub that fails every
 * third call, five failures in a row would meet one device in a hundred, and with these reads not one in a million.
 */
const controlReads = 10;

/** One after the other, the look-ups of a chunk of 100 would take longer than a large hub's budget for the next one. */
const lookUpConcurrency = 32;

/**
 * Looks up by id what a bulk call left open and makes the changes that are still needed; `notes` gets one outcome for each.
 * Throws as `applyChanges`; what was noted until then stands.
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
  let open = result.open;
  for (let round = 0; open.length > 0; round++) {
    if (round > 0) await pause(round - 1);
    const failed: { change: ModuleChange; error: HubError }[] = [];
    await concurrently(open, lookUpConcurrency, async (change) => {
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
    if (failed.length > 0 && failed.length === open.length) await registry.countDevices();
    const own =
      failed.length > 0 &&
      (served.length > 0 ? await servesOthers(registry, served) : roundsBefore + round >= patientRounds);
    open = [];
    for (const { change, error } of failed) {
      const failures = (ownFailures.get(change) ?? 0) + (own ? 1 : 0);
      ownFailures.set(change, failures);
      notes.lookUpFailed(change, own);
      if (failures < maxOwnFailures) open.push(change);
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

/** Reads modules that were settled before, the latest first; false if even one of these reads fails. */
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
  const reason = error.status === undefined ? (error.code ?? 'no answer') : `HTTP ${error.status}`;
  return { deviceId, moduleId, outcome: 'failed', reason };
}
