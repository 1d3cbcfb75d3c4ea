import { connectionStringParts, isBase64, isHttpAddress } from './connectionStringParts.ts';

export type StorageConnectionString = { ok: true; connectionString: string } | { ok: false; message: string };

/** The names of the parts, in the case that the storage SDK requires. */
const partNames = [
  ...['DefaultEndpointsProtocol', 'AccountName', 'AccountKey', 'EndpointSuffix'],
  ...['BlobEndpoint', 'QueueEndpoint', 'SharedAccessSignature', 'UseDevelopmentStorage', 'DevelopmentStorageProxyUri'],
];
const needed = 'copy it from the storage account ("Access keys")';

/**
 * Reads a storage connection string and completes it for the JavaScript SDK (12.x). The SDK refuses some strings that the
 * Functions host accepts: part names in another case, and strings without `DefaultEndpointsProtocol` or
 * `EndpointSuffix`, such as Microsoft's own example of this setting. `UseDevelopmentStorage=true` works in both.
 */
export function readStorageConnectionString(text: string): StorageConnectionString {
  const parts = connectionStringParts(text);
  if (parts === undefined) return refuse(`is not a connection string; ${needed}, or write UseDevelopmentStorage=true`);
  if (parts.has('usedevelopmentstorage')) return readDevelopment(parts);
  if (parts.has('hostname')) return refuse(`is the connection string of an IoT hub; ${needed}`);
  const problem =
    endpointProblem(parts) ?? (parts.has('sharedaccesssignature') ? sasProblem(parts) : keyProblem(parts));
  if (problem !== undefined) return refuse(problem);
  if (!parts.has('sharedaccesssignature')) {
    if (!parts.get('defaultendpointsprotocol')) parts.set('defaultendpointsprotocol', 'https');
    if (!parts.get('endpointsuffix')) parts.set('endpointsuffix', 'core.windows.net');
  }
  return { ok: true, connectionString: write(parts) };
}

function readDevelopment(parts: Map<string, string>): StorageConnectionString {
  if (parts.get('usedevelopmentstorage')?.toLowerCase() !== 'true') return refuse('write UseDevelopmentStorage=true');
  const proxy = parts.get('developmentstorageproxyuri');
  if (proxy && !isHttpAddress(proxy)) return refuse('has a DevelopmentStorageProxyUri that is not an http(s) address');
  const connectionString = `UseDevelopmentStorage=true${proxy ? `;DevelopmentStorageProxyUri=${proxy}` : ''}`;
  return { ok: true, connectionString };
}

function endpointProblem(parts: Map<string, string>): string | undefined {
  const protocol = parts.get('defaultendpointsprotocol');
  if (protocol && !/^https?$/i.test(protocol)) return 'has a DefaultEndpointsProtocol other than https and http';
  const isInvalid = ['blobendpoint', 'queueendpoint'].some((name) => {
    const endpoint = parts.get(name);
    return endpoint !== undefined && !isHttpAddress(endpoint);
  });
  return isInvalid ? `has a BlobEndpoint or QueueEndpoint that is not an http(s) address; ${needed}` : undefined;
}

function sasProblem(parts: Map<string, string>): string | undefined {
  const complete = ['sharedaccesssignature', 'blobendpoint', 'queueendpoint'].every((name) => parts.get(name));
  return complete ? undefined : 'has a SharedAccessSignature, so it must have a BlobEndpoint and a QueueEndpoint too';
}

function keyProblem(parts: Map<string, string>): string | undefined {
  if (!/^[a-z0-9-]+$/i.test(parts.get('accountname') ?? '')) return `has no valid AccountName; ${needed}`;
  if (!/^[a-z0-9.-]*$/i.test(parts.get('endpointsuffix') ?? '')) return `has an invalid EndpointSuffix; ${needed}`;
  if (!isBase64(parts.get('accountkey') ?? '')) return `has no AccountKey in base64; ${needed}`;
  return undefined;
}

function write(parts: Map<string, string>): string {
  return partNames
    .flatMap((name) => (parts.has(name.toLowerCase()) ? [`${name}=${parts.get(name.toLowerCase())}`] : []))
    .join(';');
}

function refuse(message: string): StorageConnectionString {
  return { ok: false, message };
}
