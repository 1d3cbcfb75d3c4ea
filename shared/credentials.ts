import type { TokenCredential } from '@azure/identity';

/** Returns a function that creates the credential of a managed identity, given by its client id, on first use. */
export type Credentials = (clientId: string | undefined) => () => Promise<TokenCredential>;

/**
 * Returns credentials with one `DefaultAzureCredential` for each identity, which hubs and storage share. Without a client
 * id the credential reads `AZURE_CLIENT_ID` (@azure/identity 4.13.1), and without that it uses the system-assigned
 * identity of the app.
 */
export function credentialsOnce(): Credentials {
  const created = new Map<string | undefined, Promise<TokenCredential>>();
  return (managedIdentityClientId) => () => {
    const known = created.get(managedIdentityClientId);
    if (known) return known;
    const creating = import('@azure/identity').then(
      ({ DefaultAzureCredential }) =>
        new DefaultAzureCredential(managedIdentityClientId === undefined ? {} : { managedIdentityClientId }),
    );
    created.set(managedIdentityClientId, creating);
    return creating;
  };
}
