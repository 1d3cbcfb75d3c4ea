import { type HubError, isHubError } from '../hub/hubError.ts';
import type { ModuleCreation, Registry } from '../hub/registry.ts';
import type { Pause } from '../hub/retryDelay.ts';
import { createOne } from './createOne.ts';
import type { DeviceModuleOutcome, ModuleOutcome } from './outcome.ts';

/** A device is given up after so many failures of its own while the hub served others (design section 5). */
const maxOwnFailures = 5;
/** Where the hub serves none of the devices, so many rounds pass, about a minute, before one is held against them. */
const patientRounds = 6;

export interface SettleOptions {
  /** Whether a module that is there can have been made by the call before. */
  mayHaveMade: boolean;
  /** Whether that call showed that the hub serves others. */
  served: boolean;
  pause: Pause;
}

/** Looks up each module by id and creates what is missing; gives every creation one outcome. Throws as `createMany`. */
export async function settleSingly(
  registry: Registry,
  creations: readonly ModuleCreation[],
  { mayHaveMade, served, pause }: SettleOptions,
): Promise<DeviceModuleOutcome[]> {
  const outcomes: DeviceModuleOutcome[] = [];
  const ownFailures = new Map<ModuleCreation, number>();
  let open = [...creations];
  for (let round = 0; open.length > 0; round++) {
    if (round > 0) await pause(round - 1);
    const failed: { creation: ModuleCreation; error: HubError }[] = [];
    for (const creation of open) {
      try {
        outcomes.push({ deviceId: creation.deviceId, ...(await lookUpOrCreate(registry, creation, mayHaveMade)) });
      } catch (error) {
        if (!isHubError(error, 'unavailable')) throw error;
        failed.push({ creation, error });
      }
    }
    // Whose trouble is it? If the hub serves nobody at all, this waits until it does again.
    if (failed.length > 0 && failed.length === open.length) await registry.countDevices();
    const theirOwn = served || outcomes.length > 0 || round >= patientRounds;
    open = [];
    for (const { creation, error } of failed) {
      const failures = (ownFailures.get(creation) ?? 0) + (theirOwn ? 1 : 0);
      ownFailures.set(creation, failures);
      if (failures < maxOwnFailures) open.push(creation);
      else outcomes.push(failure(creation, error));
    }
  }
  return outcomes;
}

async function lookUpOrCreate(
  registry: Registry,
  creation: ModuleCreation,
  mayHaveMade: boolean,
): Promise<ModuleOutcome> {
  const { moduleId } = creation;
  if (await registry.hasModule(creation)) return { moduleId, outcome: mayHaveMade ? 'created' : 'unchanged' };
  return createOne(registry, creation);
}

function failure({ deviceId, moduleId }: ModuleCreation, error: HubError): DeviceModuleOutcome {
  const reason = error.status === undefined ? (error.code ?? 'no answer') : `HTTP ${error.status}`;
  return { deviceId, moduleId, outcome: 'failed', reason };
}
