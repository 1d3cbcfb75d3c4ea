import { assertNever } from '../assertNever.ts';
import { type ModuleChange, pairKey } from './moduleChange.ts';
import type { DeviceModuleOutcome } from './outcome.ts';

/** Wanted changes, divided by whether the module already is as the change would leave it. */
export interface Comparison {
  needed: ModuleChange[];
  unchanged: DeviceModuleOutcome[];
}

/** Divides wanted changes; `found` holds the `pairKey` of each module that exists. */
export function compare(wanted: readonly ModuleChange[], found: ReadonlySet<string>): Comparison {
  const comparison: Comparison = { needed: [], unchanged: [] };
  for (const change of wanted) {
    const { deviceId, moduleId } = change;
    if (isNeeded(change, found.has(pairKey(change)))) comparison.needed.push(change);
    else comparison.unchanged.push({ deviceId, moduleId, outcome: 'unchanged' });
  }
  return comparison;
}

/** The outcomes of changes that the hub would refuse on a disabled device: `unchanged` if the change is not needed. */
export function compareUnreachable(
  unreachable: readonly ModuleChange[],
  found: ReadonlySet<string>,
): DeviceModuleOutcome[] {
  const { needed, unchanged } = compare(unreachable, found);
  return [
    ...unchanged,
    ...needed.map(({ deviceId, moduleId }) => ({
      deviceId,
      moduleId,
      outcome: 'blocked' as const,
      reason: 'disabled',
    })),
  ];
}

function isNeeded(change: ModuleChange, exists: boolean): boolean {
  switch (change.do) {
    case 'create':
      return !exists;
    default:
      return assertNever(change.do);
  }
}
