import { connectionStringParts, isBase64 } from './connectionStringParts.ts';
import { isKeyVaultReference } from './unusableValues.ts';

export type HubConnectionString =
  | { ok: true; hostName: string; connectionString: string }
  /** `message` says what is wrong and what to write instead. It quotes no part of the text. */
  | { ok: false; message: string };

const needed =
  'the hub\'s own connection string, HostName=…;SharedAccessKeyName=…;SharedAccessKey=… ("Shared access policies")';

/**
 * Reads the connection string of a shared access policy of a hub. The returned string has only the three parts of
 * `needed`, with their names in the case that the SDK requires. The host name is not checked here.
 */
export function readHubConnectionString(text: string): HubConnectionString {
  if (isKeyVaultReference(text)) {
    return refuse(
      'is a Key Vault reference, which the platform resolves only as the whole value of a setting, not in HUBS',
    );
  }
  const parts = connectionStringParts(text);
  if (parts === undefined) return refuse(`is not a connection string; write ${needed}`);
  if (parts.has('deviceid')) return refuse(`is the connection string of a device; write ${needed}`);
  if (parts.has('endpoint')) {
    return refuse(`is the connection string of an Event Hubs compatible endpoint; write ${needed}`);
  }
  if (parts.has('accountname')) return refuse(`is the connection string of a storage account; write ${needed}`);
  if (parts.has('sharedaccesssignature')) return refuse(`has a token, which expires; write ${needed}`);

  const hostName = parts.get('hostname') ?? '';
  const keyName = parts.get('sharedaccesskeyname') ?? '';
  const key = parts.get('sharedaccesskey') ?? '';
  const missing = Object.entries({ HostName: hostName, SharedAccessKeyName: keyName, SharedAccessKey: key })
    .filter(([, value]) => value === '')
    .map(([name]) => name);
  if (missing.length > 0) return refuse(`has no ${missing.join(' and no ')}; write ${needed}`);
  if (!isBase64(key)) return refuse('has a SharedAccessKey that is not base64; copy the whole key from the hub');
  const connectionString = `HostName=${hostName};SharedAccessKeyName=${keyName};SharedAccessKey=${key}`;
  return { ok: true, hostName, connectionString };
}

function refuse(message: string): HubConnectionString {
  return { ok: false, message };
}
