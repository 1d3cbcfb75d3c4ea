import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { unauthorized } from '../wire/refusals.ts';
import type { Caller, Right } from './caller.ts';

export type PolicyName = 'iothubowner' | 'service' | 'device' | 'registryRead' | 'registryReadWrite';

/**
 * The five policies that every new hub has (Microsoft: "Control access to IoT Hub by using shared access signatures").
 */
const rightsOfPolicy: Readonly<Record<PolicyName, readonly Right[]>> = {
  iothubowner: ['RegistryRead', 'RegistryWrite', 'ServiceConnect', 'DeviceConnect'],
  service: ['ServiceConnect'],
  device: ['DeviceConnect'],
  registryRead: ['RegistryRead'],
  registryReadWrite: ['RegistryRead', 'RegistryWrite'],
};

const policyNames = Object.keys(rightsOfPolicy) as PolicyName[];

/** One key for each policy: 32 random bytes in base64. */
export type PolicyKeys = Readonly<Record<PolicyName, string>>;

export function newPolicyKeys(): PolicyKeys {
  return Object.fromEntries(policyNames.map((name) => [name, randomBytes(32).toString('base64')])) as PolicyKeys;
}

/** What SAS tokens are checked against. */
export interface SasRules {
  keys: PolicyKeys;
  /** Host names that `sr` may begin with, in lower case, with and without the port. */
  hostNames: readonly string[];
}

/**
 * Returns the caller that an Authorization header authenticates, for a request to `path` (decoded, without query).
 * Throws the hub's 401 for an invalid token; the hint says what is wrong and never repeats what was sent.
 */
export function authorizeSas(header: string | undefined, path: string, rules: SasRules, nowMs: number): Caller {
  if (header === undefined) throw unauthorized('The Authorization header is missing');
  const fields = readToken(header);
  const policy = policyNames.find((name) => name === decoded(fields.skn));
  if (!policy) throw unauthorized('skn is not a policy of this hub');
  if (!isScope(decoded(fields.sr), path, rules.hostNames)) throw unauthorized('sr does not cover this host and path');
  const expectedSignature = createHmac('sha256', Buffer.from(rules.keys[policy], 'base64'))
    .update(`${fields.sr}\n${fields.se}`)
    .digest();
  if (!isSame(Buffer.from(decoded(fields.sig), 'base64'), expectedSignature))
    throw unauthorized('The signature is wrong');
  if (!/^\d{1,12}$/.test(fields.se) || Number(fields.se) * 1000 <= nowMs) throw unauthorized('The token has expired');
  return { kind: 'sas', rights: new Set(rightsOfPolicy[policy]) };
}

/** `sr`, `sig`, `se` and `skn` as sent, still URL-encoded, since the signature covers `sr` in that form. */
function readToken(header: string): { sr: string; sig: string; se: string; skn: string } {
  const match = /^SharedAccessSignature\s+(\S+)$/i.exec(header.trim());
  if (!match) throw unauthorized('The Authorization header is not a SharedAccessSignature');
  const fields = new Map((match[1] ?? '').split('&').map((pair) => splitOnce(pair)));
  const field = (name: string): string => {
    const value = fields.get(name);
    if (value === undefined) throw unauthorized(`The token has no ${name}`);
    return value;
  };
  return { sr: field('sr'), sig: field('sig'), se: field('se'), skn: field('skn') };
}

function splitOnce(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) throw unauthorized('The token is not URL-encoded properly');
    throw error;
  }
}

/** Whether `sr` covers the path: `sr` is the host name, or the host name with a prefix of whole path segments. */
function isScope(sr: string, path: string, hostNames: readonly string[]): boolean {
  const [host = '', ...segments] = sr.replace(/\/$/, '').split('/');
  if (!hostNames.includes(host.toLowerCase())) return false;
  const prefix = segments.map((segment) => `/${segment}`).join('');
  return path === prefix || path.startsWith(`${prefix}/`);
}

const isSame = (given: Buffer, expected: Buffer): boolean =>
  given.length === expected.length && timingSafeEqual(given, expected);
