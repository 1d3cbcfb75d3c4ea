import { BlockList, isIPv4 } from 'node:net';
import { azureDomains, hostNameProblem, hostOf } from './hubAddress.ts';
import type { Report } from './settings.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);

/**
 * Checks whether the app may send a token of its identity to a host; `hostName` must be valid. The token is accepted by every
 * hub on which the identity has a role, so a misspelt host name must not send it to a stranger. A single label in `moreDomains`
 * allows only the host of that name: `net` does not allow `contoso.net`. Returns what to write instead, or undefined if the
 * host is allowed.
 */
export function tokenHostProblem(hostName: string, moreDomains: readonly string[]): string | undefined {
  const host = hostOf(hostName);
  if (host === 'localhost' || (isIPv4(host) && loopback.check(host))) return undefined;
  if (azureDomains.some((domain) => host.endsWith(`.${domain}`))) return undefined;
  if (moreDomains.some((domain) => host === domain || (domain.includes('.') && host.endsWith(`.${domain}`))))
    return undefined;
  return (
    `is not a host of an IoT hub (${azureDomains.map((domain) => `*.${domain}`).join(', ')}), so it gets no token of the app's ` +
    'identity: correct the host name, use a connection string, or add the domain to HUB_TOKEN_DOMAINS'
  );
}

/** Reads a list separated by commas. Returns the valid domains in lower case; reports the others by their place in the list. */
export function readTokenDomains(text: string | undefined, report: Report): string[] {
  if (text === undefined) return [];
  return text.split(',').flatMap((part, index) => {
    const domain = part.trim().toLowerCase();
    if (isDomain(domain)) return [domain];
    report(
      'HUB_TOKEN_DOMAINS',
      `write host names or domains such as iot.contoso.com, separated by commas: entry ${index + 1} is invalid`,
    );
    return [];
  });
}

/** Whether `text` is a host name or a single label, without a port. `hostNameProblem` allows a single label only with a port. */
function isDomain(text: string): boolean {
  return !text.includes(':') && hostNameProblem(`${text}:443`) === undefined;
}
