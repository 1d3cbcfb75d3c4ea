import type { HubAuth } from '../config/config.ts';
import type { HubError, HubErrorKind } from './hubError.ts';

/**
 * The roles that the app needs on a hub under managed identity. Source: Microsoft, "Control access to IoT Hub by using
 * Microsoft Entra ID" (a create needs `devices/write`, a bulk create `devices/delete` too, twins and queries `twins/read`).
 */
export const hubRoles = { read: 'IoT Hub Data Reader', create: 'IoT Hub Registry Contributor' } as const;

const createOperations = ['create module', 'create modules in bulk'];

/** Whether the refused call creates modules; all other calls of the app only read. */
export const isCreate = ({ operation }: Pick<HubError, 'operation'>): boolean => createOperations.includes(operation);

/** Refusals that concern the app as a whole, not the device of the call. */
export const refusalsOfApp: readonly HubErrorKind[] = ['unauthorized', 'forbidden', 'identityCap', 'dailyQuota'];

/** The error's message, followed by what to do about it, as sentences. */
export function explain(error: HubError, auth: Pick<HubAuth, 'kind'>): string {
  const advice = adviceFor(error, auth);
  return advice === undefined ? `${error.message}.` : `${error.message}. ${advice}`;
}

/** What to do about a refusal that concerns the app as a whole; undefined for any other error. */
export function adviceFor(
  error: Pick<HubError, 'kind' | 'code' | 'operation'>,
  auth: Pick<HubAuth, 'kind'>,
): string | undefined {
  switch (error.kind) {
    case 'identityCap':
      return 'The hub has reached its limit of 1,000,000 identities (devices and modules together): remove identities or use another hub.';
    case 'dailyQuota':
      return "The hub's daily message quota is used up; it is reset at 00:00 UTC. More units raise it.";
    case 'unauthorized':
    case 'forbidden':
      return accessAdvice(error, auth);
    default:
      return undefined;
  }
}

/** Names the role or the right that is missing. */
function accessAdvice(error: Pick<HubError, 'code' | 'operation'>, auth: Pick<HubAuth, 'kind'>): string {
  if (error.code === 'NoToken') {
    return 'The app got no token for its identity: check that a managed identity is assigned to it; if the identity is user-assigned, AzureWebJobsStorage__clientId or AZURE_CLIENT_ID must name it.';
  }
  const creates = isCreate(error);
  if (auth.kind === 'sas') {
    const right = creates ? 'RegistryWrite' : 'RegistryRead and ServiceConnect';
    return `This call needs a valid key of a shared access policy with ${right}. The app as a whole needs RegistryRead, RegistryWrite and ServiceConnect (iothubowner has them).`;
  }
  const { read, create } = hubRoles;
  return creates
    ? `This call needs the role "${create}" on this hub, which the app's identity seems to lack; if the policy seeds twins, perhaps "IoT Hub Twin Contributor" too. The app also needs "${read}".`
    : `This call needs the role "${read}" on this hub, which the app's identity seems to lack. The app also needs "${create}".`;
}
