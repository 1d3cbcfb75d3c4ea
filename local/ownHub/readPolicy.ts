import { systemClock } from '../../shared/clock.ts';
import type { Config } from '../../shared/config/config.ts';
import { credentialsOnce } from '../../shared/credentials.ts';
import { PolicyStore } from '../../shared/policyStore/policyStore.ts';
import { defaultInForce, inForceAs, problemsText, type WrittenInForce } from '../../shared/policyStore/standing.ts';
import { blobDocuments } from '../../shared/storage/blobDocuments.ts';
import { storageClients } from '../../shared/storage/storageClients.ts';
import { errorFields } from '../../shared/telemetry/log.ts';

const noLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** It is not known which policy would be in force; the message says what to check. */
export class UnknownPolicyError extends Error {
  override name = 'UnknownPolicyError';
}

/**
 * The policy in force: that of the settings, else `policy.json` of the storage account, else the default. `storage` is undefined
 * if the storage account does not exist yet. Rejects with `UnknownPolicyError`.
 */
export async function readPolicyInForce(
  { policySetting }: Config,
  storage: Config['storage'] | undefined,
): Promise<WrittenInForce> {
  if (policySetting) return inForceAs(policySetting, 'setting');
  if (storage === undefined) return defaultInForce();
  const standing = await readStanding(storage);
  if (standing.inForce) return standing.inForce;
  throw new UnknownPolicyError(`policy.json of the storage account cannot be used: ${problemsText(standing.problems)}`);
}

async function readStanding(storage: Config['storage']) {
  try {
    const credential = credentialsOnce()(storage.kind === 'identity' ? storage.clientId : undefined);
    const documents = blobDocuments((await storageClients(storage, credential)).container);
    return await new PolicyStore({ setting: undefined, documents, clock: systemClock }).standing(noLog);
  } catch (error) {
    const why = Object.values(errorFields(error)).join(', ');
    throw new UnknownPolicyError(
      `The storage account of AzureWebJobsStorage cannot be read (${why}), so it is not known which policy counts. Check its settings, and that this machine may reach it.`,
    );
  }
}
