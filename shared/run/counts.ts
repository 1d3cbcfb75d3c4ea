import { type DeviceModuleOutcome, type Outcome, outcomeFacts, outcomes } from '../reconcile/outcome.ts';
import { unreachable } from '../unreachable.ts';

/**
 * What a run has seen and done. `devices`, `selected` and `excluded` count devices; all else counts pairs of a selected
 * device and a spec. When a run is done: devices = selected + all excluded, and
 * created + unchanged + gone + failed + all blocked + excludedPairs = selected × specs.
 */
export interface Counts {
  devices: number;
  /** Devices that at least one spec selects. */
  selected: number;
  /** Devices that no spec selects, by the first spec's reason. */
  excluded: Record<string, number>;
  created: number;
  unchanged: number;
  gone: number;
  failed: number;
  blocked: Record<string, number>;
  /** Specs that do not select a device which another spec selects. */
  excludedPairs: number;
}

export function noCounts(): Counts {
  return {
    devices: 0,
    selected: 0,
    excluded: {},
    created: 0,
    unchanged: 0,
    gone: 0,
    failed: 0,
    blocked: {},
    excludedPairs: 0,
  };
}

/** Counts one pair of a selected device and a spec. */
export function countOutcome(counts: Counts, { outcome, reason }: DeviceModuleOutcome): void {
  if (outcome === 'blocked') addOne(counts.blocked, reason ?? 'unknown');
  else if (outcome === 'excluded') counts.excludedPairs += 1;
  else counts[outcome] += 1;
}

/** How many pairs had this outcome. */
function pairsOf(counts: Counts, outcome: Outcome): number {
  switch (outcome) {
    case 'blocked':
      return Object.values(counts.blocked).reduce((sum, count) => sum + count, 0);
    case 'excluded':
      return counts.excludedPairs;
    case 'created':
    case 'unchanged':
    case 'gone':
    case 'failed':
      return counts[outcome];
    default:
      return unreachable(outcome);
  }
}

/** Pairs whose outcome only the hub can have given. */
export function servedPairs(counts: Counts): number {
  return sumOf(counts, (outcome) => outcomeFacts[outcome].servedByHub);
}

/** Of the pairs that the policy wants covered, the share that is; undefined if it wants none. */
export function coverageOf(counts: Counts): number | undefined {
  const covered = sumOf(counts, (outcome) => outcomeFacts[outcome].coverage === 'covered');
  const uncovered = sumOf(counts, (outcome) => outcomeFacts[outcome].coverage === 'uncovered');
  return covered + uncovered === 0 ? undefined : covered / (covered + uncovered);
}

/** Counts as fields of a log line: devices, selected ones, and pairs by outcome. */
export function countFields(counts: Counts): Record<string, number> {
  const { devices, selected } = counts;
  const pairs = outcomes
    .filter((outcome) => outcome !== 'excluded')
    .map((outcome) => [outcome, pairsOf(counts, outcome)]);
  return { devices, selected, ...Object.fromEntries(pairs) };
}

export function addOne(byReason: Record<string, number>, reason: string): void {
  byReason[reason] = (byReason[reason] ?? 0) + 1;
}

function sumOf(counts: Counts, counted: (outcome: Outcome) => boolean): number {
  return outcomes.filter(counted).reduce((sum, outcome) => sum + pairsOf(counts, outcome), 0);
}
