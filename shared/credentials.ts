import type { TokenCredential } from '@azure/identity';
import { unlessRejected } from './unlessRejected.ts';

/** Returns a function that creates the credential of a managed identity, given by its client id, on first use. */
export type Credentials = (clientId: string | undefined) => () => Promise<TokenCredential>;

/**
 * Returns credentials with one `DefaultAzureCredential` for each identity, which hubs and storage share. Without a client
 * id the credential uses the identity that `AZURE_CLIENT_ID` names (@azure/identity 4.13.1), and without that variable the
 * system-assigned identity of the app.
 */
export function credentialsOnce(): Credentials {
  const known = new Map<string | undefined, () => Promise<TokenCredential>>();
  return (clientId) => {
    const credential = known.get(clientId) ?? unlessRejected(() => newCredential(clientId));
    known.set(clientId, credential);
    return credential;
  };
}

async function newCredential(managedIdentityClientId: string | undefined): Promise<TokenCredential> {
  const { DefaultAzureCredential } = await import('@azure/identity');
  return new DefaultAzureCredential(managedIdentityClientId === undefined ? {} : { managedIdentityClientId });
}
