import { unreachable } from '../unreachable.ts';
import { type ModuleChange, pairKey } from './moduleChange.ts';
import type { DeviceModuleOutcome } from './outcome.ts';

export interface Comparison {
  needed: ModuleChange[];
  unchanged: DeviceModuleOutcome[];
}

/** Splits wanted changes by what is there: `found` holds the `pairKey` of each module that exists. */
export function compare(wanted: readonly ModuleChange[], found: ReadonlySet<string>): Comparison {
  const comparison: Comparison = { needed: [], unchanged: [] };
  for (const change of wanted) {
    const { deviceId, moduleId } = change;
    if (isNeeded(change, found.has(pairKey(change)))) comparison.needed.push(change);
    else comparison.unchanged.push({ deviceId, moduleId, outcome: 'unchanged' });
  }
  return comparison;
}

function isNeeded(change: ModuleChange, exists: boolean): boolean {
  switch (change.do) {
    case 'create':
      return !exists;
    default:
      return unreachable(change.do);
  }
}
