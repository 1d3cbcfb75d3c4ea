import { concurrently } from '../concurrently.ts';
import { type HubError, isHubError } from '../hub/hubError.ts';
import type { ModuleCreation, Registry } from '../hub/registry.ts';
import type { Pause } from '../hub/retryDelay.ts';
import type { BulkAnswer, SettleNotes } from './bulkAnswer.ts';
import { createOne } from './createOne.ts';
import type { DeviceModuleOutcome, ModuleOutcome } from './outcome.ts';

/** A device is given up after so many failures of its own while the hub served others (design section 5). */
const maxOwnFailures = 5;
/**
 * Where the hub serves none of the devices, so many rounds pass, over all slices, before one is held against them: on a hub
 * that fails every third call, a round of the three calls for a disabled device fails three times out of four.
 */
const patientRounds = 40;
/**
 * A failure counts as the device's own only if so many reads of others are answered right after it: on a hub that fails
 * every third call, five failures in a row would meet one device in a hundred, and with these reads not one in a million.
 */
const controlReads = 10;

/** One after the other, the look-ups of a chunk of 100 would take longer than a large hub's budget for the next one. */
const lookUpConcurrency = 32;

/**
 * Looks up by id what an answer leaves open and creates what is missing; `notes` gets one outcome for each. Throws as
 * `createMany`, and what was noted until then stands.
 */
export async function settleSingly(
  registry: Registry,
  answer: Omit<BulkAnswer, 'settled'>,
  pause: Pause,
  notes: SettleNotes,
): Promise<void> {
  const { mayHaveMade, servedBefore, roundsBefore } = answer;
  const ownFailures = new Map(answer.ownFailuresBefore);
  const asked = new Set<ModuleCreation>();
  const create = (creation: ModuleCreation) => {
    asked.add(creation);
    notes.asked(creation);
    return createOne(registry, creation);
  };
  const served = [...servedBefore];
  let open = answer.open;
  for (let round = 0; open.length > 0; round++) {
    if (round > 0) await pause(round - 1);
    const failed: { creation: ModuleCreation; error: HubError }[] = [];
    await concurrently(open, lookUpConcurrency, async (creation) => {
      try {
        const { deviceId, moduleId } = creation;
        const outcome: ModuleOutcome = (await registry.hasModule(creation))
          ? { moduleId, outcome: mayHaveMade || asked.has(creation) ? 'created' : 'unchanged' }
          : await create(creation);
        notes.settled({ deviceId, ...outcome });
        served.push(creation);
      } catch (error) {
        if (!isHubError(error, 'unavailable')) throw error;
        failed.push({ creation, error });
      }
    });
    // Whose trouble is it? If the hub serves nobody at all, this waits until it does again.
    if (failed.length > 0 && failed.length === open.length) await registry.countDevices();
    const theirOwn =
      failed.length > 0 &&
      (served.length > 0 ? await servesOthers(registry, served) : roundsBefore + round >= patientRounds);
    open = [];
    for (const { creation, error } of failed) {
      const failures = (ownFailures.get(creation) ?? 0) + (theirOwn ? 1 : 0);
      ownFailures.set(creation, failures);
      notes.troubled(creation, theirOwn);
      if (failures < maxOwnFailures) open.push(creation);
      else notes.settled(failure(creation, error));
    }
  }
}

/** Asks for modules that were dealt with before, the latest first; false if even one of these reads fails. */
async function servesOthers(registry: Registry, served: readonly ModuleCreation[]): Promise<boolean> {
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

function failure({ deviceId, moduleId }: ModuleCreation, error: HubError): DeviceModuleOutcome {
  const reason = error.status === undefined ? (error.code ?? 'no answer') : `HTTP ${error.status}`;
  return { deviceId, moduleId, outcome: 'failed', reason };
}
