import type { HubConfig } from '../config/config.ts';
import type { HubError } from '../hub/hubError.ts';

/** What ended a run, and what its reader can do about it. Roles: Microsoft's page on access to IoT Hub by Entra ID. */
export function explainStop(error: HubError, hub: Pick<HubConfig, 'auth'>): string {
  const said = `${error.message}.`;
  switch (error.kind) {
    case 'identityCap':
      return `${said} The hub holds as many identities as it may (1,000,000 devices and modules together): remove identities or use a further hub.`;
    case 'dailyQuota':
      return `${said} The hub's daily message quota is used up; it begins anew at 00:00 UTC. More units raise it.`;
    case 'unauthorized':
    case 'forbidden':
      if (error.code === 'NoToken') {
        return `${said} The app got no token for its identity: see that a managed identity is assigned to it, and that AzureWebJobsStorage__clientId or AZURE_CLIENT_ID names it where it is user-assigned.`;
      }
      return hub.auth.kind === 'entra'
        ? `${said} The app's identity needs the roles "IoT Hub Registry Contributor" and "IoT Hub Data Reader" on this hub, and "IoT Hub Twin Contributor" where the policy seeds twins.`
        : `${said} The connection string's key must be valid and its policy must hold RegistryRead, RegistryWrite and ServiceConnect (as iothubowner does).`;
    default:
      return said;
  }
}
