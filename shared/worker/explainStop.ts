import type { HubConfig } from '../config/config.ts';
import { accessAdvice } from '../hub/adviceFor.ts';
import type { HubError } from '../hub/hubError.ts';

/** What ended a run, and what its reader can do about it. */
export function explainStop(error: HubError, hub: Pick<HubConfig, 'auth'>): string {
  const said = `${error.message}.`;
  switch (error.kind) {
    case 'identityCap':
      return `${said} The hub holds as many identities as it may (1,000,000 devices and modules together): remove identities or use a further hub.`;
    case 'dailyQuota':
      return `${said} The hub's daily message quota is used up; it begins anew at 00:00 UTC. More units raise it.`;
    case 'unauthorized':
    case 'forbidden':
      return `${said} ${accessAdvice(error, hub.auth)}`;
    default:
      return said;
  }
}
