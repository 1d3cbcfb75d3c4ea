import iothub from 'azure-iothub';

/** A SAS token for the whole hub. `lifetimeSeconds`: how long it is valid, by default an hour. */
export function hubToken(connectionString: string, lifetimeSeconds = 3600): string {
  const { HostName, SharedAccessKeyName, SharedAccessKey } = iothub.ConnectionString.parse(connectionString);
  if (!HostName || !SharedAccessKeyName || !SharedAccessKey) throw new Error('The connection string is incomplete');
  const expiry = Math.floor(Date.now() / 1000) + lifetimeSeconds;
  return iothub.SharedAccessSignature.create(HostName, SharedAccessKeyName, SharedAccessKey, expiry).toString();
}
