import { hash } from 'node:crypto';
import { type DeviceModuleOutcome, outcomeFacts } from '../reconcile/outcome.ts';
import { countOr, membersOf } from '../storage/readMembers.ts';

/** The covered devices of one module: how many, and a hash over their ids that does not depend on their order. */
interface CoveredPairs {
  pairs: number;
  /** The sum modulo 2^256 of the SHA-256 of each `deviceId\nmoduleId`, as 64 hex digits. */
  sum: string;
}

/** By module id. */
export type Covered = Record<string, CoveredPairs>;

const zero = '0'.repeat(64);
const words = 8;
const word = 2 ** 32;

/** Adds the outcomes that count as covered, at most 2,000,000 in one call. */
export function addCovered(covered: Covered, outcomes: readonly DeviceModuleOutcome[]): void {
  const added = outcomes.filter(({ outcome }) => outcomeFacts[outcome].coverage === 'covered');
  for (const [moduleId, pairs] of Map.groupBy(added, (outcome) => outcome.moduleId)) {
    // A module may be called `constructor`, which every object inherits.
    const before = Object.hasOwn(covered, moduleId) ? covered[moduleId] : undefined;
    // Words of 32 bits in float64, which are exact for two million additions without a carry; BigInt took twice the time.
    const sums = wordsOf(before?.sum ?? zero);
    for (const { deviceId } of pairs) {
      const digest = hash('sha256', `${deviceId}\n${moduleId}`, 'buffer');
      for (let at = 0; at < words; at++) sums[at] = (sums[at] ?? 0) + digest.readUInt32BE(4 * at);
    }
    covered[moduleId] = { pairs: (before?.pairs ?? 0) + pairs.length, sum: hexOf(sums) };
  }
}

function wordsOf(hex: string): Float64Array {
  return Float64Array.from({ length: words }, (_, at) => Number.parseInt(hex.slice(8 * at, 8 * at + 8), 16));
}

function hexOf(sums: Float64Array): string {
  let carry = 0;
  let hex = '';
  for (const sum of sums.toReversed()) {
    const value = sum + carry;
    carry = Math.floor(value / word);
    hex = (value % word).toString(16).padStart(8, '0') + hex;
  }
  return hex;
}

/** Reads stored pairs; null if the app that wrote the run did not count them yet, or if they are not understood. */
export function readCovered(stored: unknown): Covered | null {
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return null;
  const covered: Covered = {};
  for (const [moduleId, value] of Object.entries(stored)) {
    const { pairs, sum } = membersOf(value);
    const count = countOr(pairs, undefined);
    if (count === undefined || typeof sum !== 'string' || !/^[0-9a-f]{64}$/.test(sum)) return null;
    covered[moduleId] = { pairs: count, sum };
  }
  return covered;
}
