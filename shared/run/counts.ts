import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';

/**
 * What a run has seen and done. `devices`, `selected` and `excluded` count devices; all else counts pairs of a selected
 * device and a spec. When a run is done: devices = selected + all excluded, and
 * created + unchanged + gone + failed + all blocked + excludedPairs = selected × specs.
 */
export interface Counts {
  devices: number;
  /** Devices that at least one spec takes. */
  selected: number;
  /** Devices that no spec takes, by the first spec's reason. */
  excluded: Record<string, number>;
  created: number;
  unchanged: number;
  gone: number;
  failed: number;
  blocked: Record<string, number>;
  /** Specs that do not take a device which another spec takes. */
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

export function addOne(byReason: Record<string, number>, reason: string): void {
  byReason[reason] = (byReason[reason] ?? 0) + 1;
}
