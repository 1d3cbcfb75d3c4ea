import { createHash } from 'node:crypto';
import type { Policy } from './moduleSpec.ts';

/** Long enough that two policies do not get the same fingerprint by chance, short enough to compare by eye. */
const length = 16;

/**
 * The fingerprint of a policy: the first 16 hex digits of the SHA-256 of its canonical JSON, in which the keys of objects are
 * sorted. Equal policies have the same fingerprint, in whatever form they were written; the order of the specs matters.
 */
export function policyFingerprint(policy: Policy): string {
  return fingerprintOf(policy);
}

/** The fingerprint of any JSON value; see `policyFingerprint`. */
export function fingerprintOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex')
    .slice(0, length);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]));
}
