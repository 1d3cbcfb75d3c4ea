import type { HubAuth } from '../config/config.ts';
import type { HubError } from './hubError.ts';

/**
 * The roles on a hub that the app works with under managed identity, by what needs them. Microsoft: "Control access to IoT
 * Hub by using Microsoft Entra ID" (creates need `devices/write`, in bulk `devices/delete` too; twins and queries `twins/read`).
 */
export const hubRoles = { read: 'IoT Hub Data Reader', create: 'IoT Hub Registry Contributor' } as const;

const createOperations = ['create module', 'create modules in bulk'];

/** Whether the refused call was to make modules; everything else that the app asks of a hub reads. */
export const isCreate = ({ operation }: Pick<HubError, 'operation'>): boolean => createOperations.includes(operation);

/** What to do about a hub that refuses the app, `unauthorized` or `forbidden`: names the role or the right that is missing. */
export function accessAdvice(error: Pick<HubError, 'code' | 'operation'>, auth: Pick<HubAuth, 'kind'>): string {
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
