import type { HubAuth } from '../config/config.ts';
import type { HubError, HubErrorKind } from './hubError.ts';

/**
 * The roles on a hub that the app works with under managed identity, by what needs them. Microsoft: "Control access to IoT
 * Hub by using Microsoft Entra ID" (creates need `devices/write`, in bulk `devices/delete` too; twins and queries `twins/read`).
 */
export const hubRoles = { read: 'IoT Hub Data Reader', create: 'IoT Hub Registry Contributor' } as const;

const createOperations = ['create module', 'create modules in bulk'];

/** Whether the refused call was to make modules; everything else that the app asks of a hub reads. */
export const isCreate = ({ operation }: Pick<HubError, 'operation'>): boolean => createOperations.includes(operation);

/** What a hub says to the app as a whole, whichever device the call was about. */
export const refusalsOfApp: readonly HubErrorKind[] = ['unauthorized', 'forbidden', 'identityCap', 'dailyQuota'];

/** The refusal, and what its reader can do about it. */
export function explain(error: HubError, auth: Pick<HubAuth, 'kind'>): string {
  const advice = adviceFor(error, auth);
  return advice === undefined ? `${error.message}.` : `${error.message}. ${advice}`;
}

/** What to do about a refusal that concerns the app as a whole; undefined for every other. */
export function adviceFor(
  error: Pick<HubError, 'kind' | 'code' | 'operation'>,
  auth: Pick<HubAuth, 'kind'>,
): string | undefined {
  switch (error.kind) {
    case 'identityCap':
      return 'The hub holds as many identities as it may (1,000,000 devices and modules together): remove identities or use a further hub.';
    case 'dailyQuota':
      return "The hub's daily message quota is used up; it begins anew at 00:00 UTC. More units raise it.";
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
    return 'The app got no token for its identity: see that a managed identity is assigned to it, and that AzureWebJobsStorage__clientId or AZURE_CLIENT_ID names it where it is user-assigned.';
  }
  const creates = isCreate(error);
  if (auth.kind === 'sas') {
    const right = creates ? 'RegistryWrite' : 'RegistryRead and ServiceConnect';
    return `This call needs a valid key whose policy holds ${right}; in all the connection string's policy must hold RegistryRead, RegistryWrite and ServiceConnect (as iothubowner does).`;
  }
  const { read, create } = hubRoles;
  return creates
    ? `This call needs the role "${create}" on this hub, which the app's identity seems to lack; where the policy seeds twins, perhaps "IoT Hub Twin Contributor" too. Beside it the app needs "${read}".`
    : `This call needs the role "${read}" on this hub, which the app's identity seems to lack. Beside it the app needs "${create}".`;
}
