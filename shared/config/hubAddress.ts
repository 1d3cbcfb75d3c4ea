import { isIP } from 'node:net';

/** One label of a DNS name (RFC 1123). */
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
const example = 'contoso.azure-devices.net';

/** Domains of IoT hubs in Azure's public cloud, Azure Government and Azure operated by 21Vianet (learn, "IoT Hub TLS support"). */
export const azureDomains = ['azure-devices.net', 'azure-devices.us', 'azure-devices.cn'];

/**
 * A hub has three host names (learn, "IoT Hub TLS support"): `contoso.azure-devices.net`, and with a third label `service` for back
 * ends, `device` for devices.
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
  if (!URL.canParse(`https://${text}`)) return `write a host name, such as ${example}`; // `a.0`: read as an IPv4 address
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
 * Returns the key for a hub whose own name is not legal in a queue name, such as `contoso--eu`: with single dashes.
 * Undefined if that is not legal either.
 */
export function keyOfHubName(name: string): string | undefined {
  const key = name.toLowerCase().replace(/-{2,}/g, '-').replace(/^-|-$/g, '');
  return hubNameProblem(key) === undefined ? key : undefined;
}

/** Whether the first label of the host name is the name of a hub; that of an emulator is `localhost`, an IP or a single label. */
export function namesItsHub(hostName: string): boolean {
  return hubNameOfHost(hostName) !== undefined && splitPort(hostName).host.includes('.');
}

/** Checks the name that events have. Returns what to write instead, or undefined if it is valid. */
export function eventNameProblem(name: string): string | undefined {
  return label.test(name)
    ? undefined
    : 'write the name that the events of the hub have (data.hubName), such as contoso';
}

/** The host of a valid host name in lower case, without its port. */
export function hostOf(hostName: string): string {
  return splitPort(hostName).host.toLowerCase();
}

/** The same text for all host names of a hub, for comparisons. */
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
