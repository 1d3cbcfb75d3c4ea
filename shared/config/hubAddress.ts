import { isIP } from 'node:net';

/** One label of a DNS name (RFC 1123). */
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
const example = 'contoso.azure-devices.net';

/** Domains of IoT hubs in Azure's public cloud, Azure Government and Azure operated by 21Vianet (learn, "IoT Hub TLS support"). */
export const azureDomains = ['azure-devices.net', 'azure-devices.us', 'azure-devices.cn'];

/**
 * Matches two of the three host names of a hub (learn, "IoT Hub TLS support"): `contoso.service.azure-devices.net` for back
 * ends and `contoso.device.azure-devices.net` for devices. The third host name is `contoso.azure-devices.net`, for both.
 */
const thirdLabels = /^([^.]+)\.(service|device)\.(azure-devices\.(?:net|us|cn))$/;

/** A storage queue name has at most 63 characters ("Naming Queues and Metadata"); `pending-` takes 8 of them. */
const maxHubNameLength = 63 - 'pending-'.length;

/**
 * Checks the host name of a hub: no scheme, no path, an optional port. Returns what to write instead, or undefined if
 * `text` is valid. A single label is valid only as `localhost` or with a port, for an emulator; otherwise it is
 * probably a hub name whose domain is missing.
 */
export function hostNameProblem(text: string): string | undefined {
  const { host, port } = splitPort(text);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return `write it without a scheme and path, such as ${example}`;
  if (/[/?#@]/.test(text)) return `write only the host name, such as ${example}`;
  if (!host.split('.').every((part) => label.test(part)) || host.length > 253) {
    return `write a host name, such as ${example}`;
  }
  if (port !== undefined && !isPort(port)) return 'write a port from 1 to 65535 after the colon';
  if (!host.includes('.') && host.toLowerCase() !== 'localhost' && port === undefined) {
    return `write the whole host name, such as ${example}`;
  }
  if (thirdLabels.exec(host.toLowerCase())?.[2] === 'device') {
    return 'write the host name for back ends, such as contoso.service.azure-devices.net: this one is for devices';
  }
  if (!URL.canParse(`https://${text}`)) return `write a host name, such as ${example}`; // `a.0`: an invalid IPv4 address
  return undefined;
}

/** The hub name in a valid host name: its first label, in lower case. Undefined for `localhost` and IP addresses. */
export function hubNameOfHost(hostName: string): string | undefined {
  const { host } = splitPort(hostName);
  if (isIP(host) !== 0 || host.toLowerCase() === 'localhost') return undefined;
  return host.split('.', 1)[0]?.toLowerCase();
}

/**
 * Checks a hub name in lower case. Returns what to write instead, or undefined if it is valid. The name becomes part of
 * the queue name `pending-{hub}`: letters, digits and single dashes, with a letter or digit at both ends.
 */
export function hubNameProblem(name: string): string | undefined {
  if (name.length <= maxHubNameLength && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) return undefined;
  return `write 1 to ${maxHubNameLength} letters and digits, with single dashes between them: it becomes part of a queue name`;
}

/**
 * Returns the key for a hub whose own name is not valid in a queue name: dashes at both ends are removed and several dashes
 * become one (`contoso--eu` becomes `contoso-eu`). Undefined if the result is still not valid.
 */
export function keyOfHubName(name: string): string | undefined {
  const key = name.toLowerCase().replace(/-{2,}/g, '-').replace(/^-|-$/g, '');
  return hubNameProblem(key) === undefined ? key : undefined;
}

/** Whether the first label of the host name is a hub name. Not for `localhost`, IP addresses and single labels (emulators). */
export function namesItsHub(hostName: string): boolean {
  return hubNameOfHost(hostName) !== undefined && splitPort(hostName).host.includes('.');
}

/** Checks the hub name in events (`data.hubName`). Returns what to write instead, or undefined if it is valid. */
export function eventNameProblem(name: string): string | undefined {
  return label.test(name)
    ? undefined
    : 'write the name that the events of the hub have (data.hubName), such as contoso';
}

/** Returns a valid host name in lower case, without its port. */
export function hostOf(hostName: string): string {
  return splitPort(hostName).host.toLowerCase();
}

/** Returns the same text for all host names of one hub, so that two host names can be compared. Keeps a port other than 443. */
export function hubHost(hostName: string): string {
  const { host, port } = splitPort(hostName.toLowerCase());
  const sameHub = host.replace(thirdLabels, '$1.$3');
  return port === undefined || port === '443' ? sameHub : `${sameHub}:${port}`;
}

function splitPort(text: string): { host: string; port?: string } {
  const colon = text.indexOf(':');
  return colon < 0 ? { host: text } : { host: text.slice(0, colon), port: text.slice(colon + 1) };
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}
