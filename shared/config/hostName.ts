import { isIP } from 'node:net';

/** One label of a DNS name (RFC 1123). */
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
const example = 'contoso.azure-devices.net';

/**
 * What is wrong with `text` as the host name of a hub, and what to write instead; undefined when it is one. It has no
 * scheme and no path, and may carry a port. A single label is taken only as `localhost` or with a port, as an emulator
 * has it: else it is a hub's name without its domain.
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
  return undefined;
}

/** The name of the hub behind a legal host name: its first label. Undefined for `localhost` and IP addresses. */
export function hubNameOfHost(hostName: string): string | undefined {
  const { host } = splitPort(hostName);
  if (isIP(host) !== 0 || host.toLowerCase() === 'localhost') return undefined;
  return host.split('.', 1)[0]?.toLowerCase();
}

function splitPort(text: string): { host: string; port?: string } {
  const colon = text.indexOf(':');
  return colon < 0 ? { host: text } : { host: text.slice(0, colon), port: text.slice(colon + 1) };
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}
