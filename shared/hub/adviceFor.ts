import { assertNever } from '../assertNever.ts';
import type { HubAuth } from '../config/config.ts';
import { type Check, failureOfCode, noToken } from '../transportFailure.ts';
import { foreignBodyCodes, type HubError, type HubErrorKind, isForeignStatus } from './hubError.ts';
import { type Right, rightOf } from './operations.ts';

/**
 * The roles that the app needs on a hub under managed identity. Source: Microsoft, "Control access to IoT Hub by using
 * Microsoft Entra ID" (a create needs `devices/write`, a bulk create `devices/delete` too, twins and queries `twins/read`).
 */
export const hubRoles = {
  read: 'IoT Hub Data Reader',
  registryWrite: 'IoT Hub Registry Contributor',
  twinWrite: 'IoT Hub Twin Contributor',
} as const satisfies Record<Right, string>;

/** The permissions of a shared access policy that each right needs; twins and queries need `ServiceConnect`. */
const sasPermissions: Record<Right, string> = {
  read: 'RegistryRead and ServiceConnect',
  registryWrite: 'RegistryWrite',
  twinWrite: 'ServiceConnect',
};

/** Kinds of refusals that concern the app as a whole, not the device of the call. */
export const refusalsOfApp: readonly HubErrorKind[] = ['unauthorized', 'forbidden', 'identityCap', 'dailyQuota'];

/** The message of the error and, if there is one, the advice of `adviceFor`, as sentences. */
export function explain(error: HubError, auth: Pick<HubAuth, 'kind'>): string {
  const advice = adviceFor(error, auth);
  return advice === undefined ? `${error.message}.` : `${error.message}. ${advice}`;
}

/**
 * What to do about a refusal that concerns the app as a whole, or about an outage that a wrong setting may cause, such as a wrong
 * host name; undefined for every other error.
 */
export function adviceFor(
  error: Pick<HubError, 'kind' | 'code' | 'operation'> & { status?: number | undefined },
  auth: Pick<HubAuth, 'kind'>,
): string | undefined {
  switch (error.kind) {
    case 'unavailable':
      return outageAdvice(error);
    case 'identityCap':
      return 'The hub has reached its limit of 1,000,000 identities (devices and modules together): remove identities or use another hub.';
    case 'dailyQuota':
      return "The hub's daily message quota is used up; it is reset at 00:00 UTC. More units raise it.";
    case 'unauthorized':
    case 'forbidden':
      return accessAdvice(error, auth);
    case 'deviceNotFound':
    case 'moduleNotFound':
    case 'moduleExists':
    case 'etagMismatch':
    case 'tierWithoutModules':
    case 'tooManyModules':
    case 'deviceDisabled':
    case 'throttled':
    case 'limited':
    case 'invalid':
      return undefined;
    default:
      return assertNever(error.kind);
  }
}

/** The advice for each `TransportFailure.check`; `docs/operations.md` and `docs/settings.md` say more. */
const checkAdvice: Record<Check, string> = {
  hostName:
    "The host name has no address: check the hub's host name in the settings (IOTHUB_HOSTNAME, IOTHUB_CONNECTION_STRING or HUBS), that the hub still exists, and the DNS of the app's network.",
  certificate:
    "The app does not trust the certificate that it got: check the hub's host name in the settings; where a proxy or a firewall opens TLS connections, name the file with its certificate authority in NODE_EXTRA_CA_CERTS.",
  clock:
    "The certificate that the app got has expired or is not valid yet: check the clock of the app's machine, and whether a proxy or a firewall opens TLS connections.",
  proxy:
    "Something other than the hub seems to respond: check the hub's host name and port in the settings, and any proxy or firewall on the way. Calls to hubs use no HTTPS_PROXY.",
  identity:
    'The identity endpoint of the app gives no token at present; this may pass. If it lasts, check that the managed identity of the app still exists.',
};

function outageAdvice({ code, status }: { code: string | undefined; status?: number | undefined }): string | undefined {
  if (isForeignStatus(status) || foreignBodyCodes.some((one) => one === code)) return checkAdvice.proxy;
  const check = code === undefined ? undefined : failureOfCode(code)?.check;
  return check && checkAdvice[check];
}

/** A 401 does not say its reason; only the hub's logs do. Sources: "Manage IoT Hub IP filters", "401003 IoTHubUnauthorized". */
const otherCausesOf401 =
  " If that is in order, check the clock of the app's machine (a token is refused when it seems expired), and that the network settings of the hub (public access, IP filter) let the app in.";

/** Names the role or the permissions that the call needs, and the other possible causes of a 401. */
function accessAdvice(error: Pick<HubError, 'kind' | 'code' | 'operation'>, auth: Pick<HubAuth, 'kind'>): string {
  if (error.code === noToken) {
    return 'The app got no token for its identity: check that a managed identity is assigned to it; if the identity is user-assigned, AzureWebJobsStorage__clientId or AZURE_CLIENT_ID must name it.';
  }
  const right = rightOf(error);
  const others = error.kind === 'unauthorized' ? otherCausesOf401 : '';
  if (auth.kind === 'sas') {
    return `This call needs a valid key of a shared access policy with ${sasPermissions[right]}. The app as a whole needs RegistryRead, RegistryWrite and ServiceConnect (iothubowner has them).${others}`;
  }
  const seeds = right === 'registryWrite' ? `; if the policy seeds twins, perhaps "${hubRoles.twinWrite}" too` : '';
  const other = right === 'read' ? hubRoles.registryWrite : hubRoles.read;
  return `This call needs the role "${hubRoles[right]}" on this hub, which the app's identity seems to lack${seeds}. The app also needs "${other}".${others}`;
}
