import { assertNever } from '../assertNever.ts';
import { type DeviceModuleOutcome, type Outcome, outcomeFacts, outcomes } from '../reconcile/outcome.ts';
import { countsOf, membersOf } from '../storage/readMembers.ts';

/**
 * Counts of a run. `devices`, `selected` and `excluded` count devices; the other members count pairs of a selected device
 * and a spec. When a run is done: devices = selected + all excluded, and
 * created + updated + removed + unchanged + gone + failed + all blocked + excludedPairs = selected × specs.
 */
export interface Counts {
  devices: number;
  /** Devices that at least one spec selects. */
  selected: number;
  /** Devices that no spec selects, by the reason of the first spec. */
  excluded: Record<string, number>;
  created: number;
  updated: number;
  removed: number;
  unchanged: number;
  gone: number;
  failed: number;
  blocked: Record<string, number>;
  /** Pairs whose spec does not select the device, although another spec does. */
  excludedPairs: number;
  /** Rows of the listing without a device id; not in any other count. */
  unreadable: number;
}

/** Counts at the start of a listing: all zero. */
export function noCounts(): Counts {
  return {
    devices: 0,
    selected: 0,
    excluded: {},
    created: 0,
    updated: 0,
    removed: 0,
    unchanged: 0,
    gone: 0,
    failed: 0,
    blocked: {},
    excludedPairs: 0,
    unreadable: 0,
  };
}

/** Reads counts of any version. They are complete if every count of version 1 is there, and every count can be read. */
export function readCounts(stored: unknown): { counts: Counts; areComplete: boolean } {
  const value = membersOf(stored);
  const numbers = countsOf(value).counts;
  const { excluded: _excluded, blocked: _blocked, unreadable: _3, updated: _4, removed: _5, ...needed } = noCounts();
  const excluded = countsOf(value.excluded);
  const blocked = countsOf(value.blocked);
  const isKnown = value.unreadable === undefined || 'unreadable' in numbers;
  return {
    counts: { ...value, ...noCounts(), ...numbers, excluded: excluded.counts, blocked: blocked.counts },
    areComplete: Object.keys(needed).every((name) => name in numbers) && isKnown && excluded.isWhole && blocked.isWhole,
  };
}

/** Counts one pair of a selected device and a spec. */
export function countOutcome(counts: Counts, { outcome, reason }: DeviceModuleOutcome): void {
  if (outcome === 'blocked') increment(counts.blocked, reason ?? 'unknown');
  else if (outcome === 'excluded') counts.excludedPairs += 1;
  else counts[outcome] += 1;
}

/** Number of pairs with this outcome. */
function pairsOf(counts: Counts, outcome: Outcome): number {
  switch (outcome) {
    case 'blocked':
      return totalOf(counts.blocked);
    case 'excluded':
      return counts.excludedPairs;
    case 'created':
    case 'updated':
    case 'removed':
    case 'unchanged':
    case 'gone':
    case 'failed':
      return counts[outcome];
    default:
      return assertNever(outcome);
  }
}

/** The sum of counts by reason. */
export function totalOf(byReason: Readonly<Record<string, number>>): number {
  return Object.values(byReason).reduce((sum, count) => sum + count, 0);
}

/** Number of pairs whose outcome proves that the hub serves the app (`servedByHub`). */
export function servedPairs(counts: Counts): number {
  return sumOf(counts, (outcome) => outcomeFacts[outcome].servedByHub);
}

/** Number of pairs for which the hub was changed. */
export function changedPairs(counts: Counts): number {
  return sumOf(counts, (outcome) => outcomeFacts[outcome].changed);
}

/** Pairs that should have a module: those that have it, those whose change is blocked, and all others that lack it. */
export function coveragePairs(counts: Counts): { covered: number; blocked: number; missing: number } {
  const covered = sumOf(counts, (outcome) => outcomeFacts[outcome].coverage === 'covered');
  const uncovered = sumOf(counts, (outcome) => outcomeFacts[outcome].coverage === 'uncovered');
  const blocked = pairsOf(counts, 'blocked');
  return { covered, blocked, missing: uncovered - blocked };
}

/** Share (0 to 1) of the pairs that should have a module and do; undefined if there are none. */
export function coverageOf(counts: Counts): number | undefined {
  const { covered, blocked, missing } = coveragePairs(counts);
  const uncovered = blocked + missing;
  return covered + uncovered === 0 ? undefined : covered / (covered + uncovered);
}

/** Counts as fields of a log line: `devices`, `selected`, and the number of pairs by outcome. */
export function countFields(counts: Counts): Record<string, number> {
  const { devices, selected } = counts;
  const pairs = outcomes
    .filter((outcome) => outcome !== 'excluded')
    .map((outcome) => [outcome, pairsOf(counts, outcome)]);
  return { devices, selected, ...Object.fromEntries(pairs) };
}

/** Adds one to the count under `key`. */
export function increment(counts: Record<string, number>, key: string): void {
  // A module may be called `constructor`, which every object inherits.
  counts[key] = (Object.hasOwn(counts, key) ? (counts[key] ?? 0) : 0) + 1;
}

function sumOf(counts: Counts, isCounted: (outcome: Outcome) => boolean): number {
  return outcomes.filter(isCounted).reduce((sum, outcome) => sum + pairsOf(counts, outcome), 0);
}
