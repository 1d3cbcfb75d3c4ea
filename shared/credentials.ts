import type { TokenCredential } from '@azure/identity';

/** Makes the credential for a managed identity, by its client id; loaded and made when it is first needed. */
export type Credentials = (clientId: string | undefined) => () => Promise<TokenCredential>;

/**
 * `DefaultAzureCredential`, one for each identity. Hubs and storage share one: an app with a single user-assigned identity
 * names it once. Without a client id the credential itself reads `AZURE_CLIENT_ID` (@azure/identity 4.13.1), and else
 * takes the app's system-assigned identity.
 */
export function credentialsOnce(): Credentials {
  const made = new Map<string | undefined, Promise<TokenCredential>>();
  return (managedIdentityClientId) => () => {
    const known = made.get(managedIdentityClientId);
    if (known) return known;
    const making = import('@azure/identity').then(
      ({ DefaultAzureCredential }) =>
        new DefaultAzureCredential(managedIdentityClientId === undefined ? {} : { managedIdentityClientId }),
    );
    made.set(managedIdentityClientId, making);
    return making;
  };
}
