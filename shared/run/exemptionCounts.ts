import { type ExemptionState, exemptionStates } from '../policy/exemption.ts';
import { countOr, membersOf } from '../storage/readMembers.ts';

/** Number of pairs of a device and a spec by the state of the exemption. */
export type ExemptionCounts = Record<ExemptionState, number>;

/** Counts at the start of a listing. */
export function noExemptions(): ExemptionCounts {
  return { active: 0, endsSoon: 0, ended: 0, withoutEnd: 0, unreadable: 0 };
}

/** Reads stored counts; null if the app that wrote them did not count exemptions yet, or if one is not a valid count. */
export function readExemptions(stored: unknown): ExemptionCounts | null {
  const value = membersOf(stored);
  const counts = noExemptions();
  for (const state of exemptionStates) {
    const count = countOr(value[state], undefined);
    if (count === undefined) return null;
    counts[state] = count;
  }
  return counts;
}
