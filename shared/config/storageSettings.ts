import type { StorageConfig } from './config.ts';
import type { Report, Settings } from './settings.ts';
import { readStorageConnectionString } from './storageConnectionString.ts';

/**
 * Returns how to reach the app's own storage account, from the settings that the Functions host uses too. The connection
 * string is preferred to the `__` settings, as in the host ("Storage connections", Azure Functions bindings: "the exact
 * match is used"). Returns undefined after a problem was reported.
 */
export function readStorage(settings: Settings, report: Report): StorageConfig | undefined {
  const written = settings.AzureWebJobsStorage;
  if (written === undefined) return readIdentity(settings, report);
  const read = readStorageConnectionString(written);
  if (!read.ok) report('AzureWebJobsStorage', read.message);
  return read.ok ? { kind: 'connectionString', connectionString: read.connectionString } : undefined;
}

function readIdentity(settings: Settings, report: Report): StorageConfig | undefined {
  const account = settings.AzureWebJobsStorage__accountName;
  const named = [settings.AzureWebJobsStorage__blobServiceUri, settings.AzureWebJobsStorage__queueServiceUri, account];
  if (named.every((value) => value === undefined)) {
    report('AzureWebJobsStorage', missing);
    return undefined;
  }
  const isAccount = account === undefined || /^[a-z0-9]{3,24}$/.test(account);
  if (!isAccount) report('AzureWebJobsStorage__accountName', 'write 3 to 24 lower-case letters and digits');
  const blobServiceUri = readService('blob', settings, report);
  const queueServiceUri = readService('queue', settings, report);
  const identity = readClientId(settings, report);
  if (!isAccount || !blobServiceUri || !queueServiceUri || !identity) return undefined;
  return { kind: 'identity', blobServiceUri, queueServiceUri, ...identity };
}

function readService(service: 'blob' | 'queue', settings: Settings, report: Report): string | undefined {
  const name = `AzureWebJobsStorage__${service}ServiceUri` as const;
  const account = settings.AzureWebJobsStorage__accountName;
  const written = settings[name];
  if (written === undefined && account !== undefined) return `https://${account}.${service}.core.windows.net`;
  const uri = written === undefined ? undefined : readServiceUri(written);
  if (uri === undefined)
    report(name, `write the address of the service, such as https://account.${service}.core.windows.net`);
  return uri;
}

const missing =
  'is missing: write the connection string of the storage account (UseDevelopmentStorage=true for Azurite), or AzureWebJobsStorage__accountName for managed identity';

/** Returns an `https` address without a slash at its end. Undefined for any other text, such as one with a SAS token. */
function readServiceUri(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, username, password, search, hash, origin, pathname } = new URL(text);
  const plain = protocol === 'https:' && [username, password, search, hash].every((part) => part === '');
  return plain ? `${origin}${pathname}`.replace(/\/+$/, '') : undefined;
}

/** Reads the user-assigned identity; `{}` is the system-assigned identity. Returns undefined after a problem was reported. */
function readClientId(settings: Settings, report: Report): { clientId?: string } | undefined {
  const { AzureWebJobsStorage__credential: credential, AzureWebJobsStorage__clientId: clientId } = settings;
  const known = credential === undefined || credential.toLowerCase() === 'managedidentity';
  if (!known) report('AzureWebJobsStorage__credential', 'write managedidentity, or leave it out');
  if (clientId === undefined) return known ? {} : undefined;
  const isGuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(clientId);
  if (!isGuid) report('AzureWebJobsStorage__clientId', 'write the client id (a GUID) of the user-assigned identity');
  return known && isGuid ? { clientId } : undefined;
}
