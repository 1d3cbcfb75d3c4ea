import { type Outcome, outcomes } from '../reconcile/outcome.ts';
import { countsOf, membersOf } from '../storage/readMembers.ts';
import { type Counts, increment } from './counts.ts';

/** Numbers of failed and blocked pairs, by outcome and then by reason. */
export type Causes = Partial<Record<Outcome, Record<string, number>>>;

/** The largest number of reasons of one outcome. They are codes of the hub and of sockets, a few dozen; any others are counted together. */
const maxReasons = 100;
/** Stands for the reasons beyond `maxReasons`. */
const otherReasons = 'other';
/** Stands for the reasons of failures that an earlier version counted without them. */
const unrecordedReason = 'not recorded';

/** Counts one failed or blocked pair. */
export function countCause(causes: Causes, outcome: Outcome, reason: string): void {
  causes[outcome] ??= {};
  const byReason = causes[outcome];
  const isNew = !Object.hasOwn(byReason, reason);
  increment(byReason, isNew && Object.keys(byReason).length >= maxReasons ? otherReasons : reason);
}

/** Reads the causes of a run document of any version. Before version 3 they are taken from the counts, as far as possible. */
export function readCauses(stored: unknown, counts: Counts): Causes {
  if (stored === undefined) {
    const failed = counts.failed === 0 ? {} : { failed: { [unrecordedReason]: counts.failed } };
    const blocked = Object.keys(counts.blocked).length === 0 ? {} : { blocked: { ...counts.blocked } };
    return { ...blocked, ...failed };
  }
  const byOutcome = membersOf(stored);
  const read = outcomes.flatMap((outcome) => {
    const { counts: byReason } = countsOf(byOutcome[outcome]);
    return Object.keys(byReason).length === 0 ? [] : [[outcome, byReason]];
  });
  return Object.fromEntries(read);
}
