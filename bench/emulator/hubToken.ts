import iothub from 'azure-iothub';

const lifetimeSeconds = 3600;

/** A SAS token for the whole hub, valid for an hour. */
export function hubToken(connectionString: string): string {
  const { HostName, SharedAccessKeyName, SharedAccessKey } = iothub.ConnectionString.parse(connectionString);
  if (!HostName || !SharedAccessKeyName || !SharedAccessKey) throw new Error('The connection string is incomplete');
  const expiry = Math.floor(Date.now() / 1000) + lifetimeSeconds;
  return iothub.SharedAccessSignature.create(HostName, SharedAccessKeyName, SharedAccessKey, expiry).toString();
}
