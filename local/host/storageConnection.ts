import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import type { Environment } from './appSettings.ts';
import { HostConfigurationError } from './hostError.ts';

/** Few retries, since the listeners retry: an outage then appears in the log after seconds, not minutes. */
const retryOptions = { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2_000, tryTimeoutInMs: 30_000 };

/** Makes a function that returns the queue service of a connection name, the same client each time. */
export function queueServices(environment: Environment): (connection: string) => QueueServiceClient {
  const services = new Map<string, QueueServiceClient>();
  return (connection) => {
    const service = services.get(connection) ?? queueService(connection, environment);
    services.set(connection, service);
    return service;
  };
}

/**
 * The queue service of a binding's connection, resolved as in the host: the setting `AzureWebJobs{name}` or `{name}`
 * with a connection string, else the identity settings `{name}__queueServiceUri`, `__serviceUri` or `__accountName`
 * (https://learn.microsoft.com/azure/azure-functions/functions-reference#configure-an-identity-based-connection).
 * Throws `HostConfigurationError` that names the settings, never their values.
 */
export function queueService(connection: string, environment: Environment): QueueServiceClient {
  const found = findConnection(connection, 'queue', environment);
  const options = { retryOptions };
  return 'connectionString' in found
    ? readConnectionString(connection, () => QueueServiceClient.fromConnectionString(found.connectionString, options))
    : new QueueServiceClient(found.serviceUri, found.credential, options);
}

/** A blob container of a connection that is resolved in the same way. Throws `HostConfigurationError` as `queueService` does. */
export function blobContainer(connection: string, name: string, environment: Environment): ContainerClient {
  const found = findConnection(connection, 'blob', environment);
  const options = { retryOptions };
  const service =
    'connectionString' in found
      ? readConnectionString(connection, () => BlobServiceClient.fromConnectionString(found.connectionString, options))
      : new BlobServiceClient(found.serviceUri, found.credential, options);
  return service.getContainerClient(name);
}

type Connection = { connectionString: string } | { serviceUri: string; credential: TokenCredential };

function findConnection(connection: string, service: 'queue' | 'blob', environment: Environment): Connection {
  const prefix = environment[`AzureWebJobs${connection}`] === undefined ? connection : `AzureWebJobs${connection}`;
  const setting = (suffix: string): string | undefined =>
    environment[`${connection}__${suffix}`] ?? environment[`AzureWebJobs${connection}__${suffix}`];
  const connectionString = environment[prefix];
  if (connectionString) return { connectionString };
  const accountName = setting('accountName');
  const serviceUri =
    setting(`${service}ServiceUri`) ??
    setting('serviceUri') ??
    (accountName && `https://${accountName}.${service}.core.windows.net`);
  if (!serviceUri) {
    throw new HostConfigurationError(
      `Storage connection "${connection}" is not set; set ${connection} to a connection string, or ${connection}__${service}ServiceUri.`,
    );
  }
  const managedIdentityClientId = setting('clientId');
  return {
    serviceUri,
    credential: new DefaultAzureCredential(managedIdentityClientId ? { managedIdentityClientId } : {}),
  };
}

function readConnectionString<T>(connection: string, create: () => T): T {
  try {
    return create();
  } catch {
    // The original message may contain a part of the key.
    throw new HostConfigurationError(`The setting ${connection} is not a storage connection string.`);
  }
}
