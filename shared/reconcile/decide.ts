import { assertNever } from '../assertNever.ts';
import type { FoundModule } from '../hub/registry.ts';
import type { ModuleSpec } from '../policy/moduleSpec.ts';
import { type ModuleChange, pairKey, type StoredChange } from './moduleChange.ts';
import type { DeviceModuleOutcome, Verdict } from './outcome.ts';
import type { Wish } from './planDevice.ts';
import { mayNeedWrite, wantedTwinOf } from './wantedTwin.ts';

/** The decisions on some wishes: the changes that are needed, and the outcomes of wishes that need no change. */
export interface Decisions {
  needed: ModuleChange[];
  settled: DeviceModuleOutcome[];
}

/** Why no module may be removed now; the reason of a `blocked` or `excluded` outcome. */
export type NoRemoval = 'needsDryRun' | 'onlyByRun';

/** Decides every wish. `found`: the modules that exist, by `pairKey`. `noRemoval` undefined: modules may be removed. */
export function decideAll(
  wishes: readonly Wish[],
  found: ReadonlyMap<string, FoundModule>,
  noRemoval?: NoRemoval,
): Decisions {
  const decisions: Decisions = { needed: [], settled: [] };
  for (const wish of wishes) {
    const decision = decide(wish, found.get(pairKey(wish)), noRemoval);
    if ('do' in decision) decisions.needed.push(decision);
    else decisions.settled.push({ deviceId: wish.deviceId, moduleId: wish.moduleId, ...decision });
  }
  return decisions;
}

/**
 * The change that a wish needs, or its outcome if it needs none. `found`: the module as a query or a read showed it, undefined if
 * it is missing. This is the only place that decides whether a module needs a change, and which.
 */
function decide(wish: Wish, found: FoundModule | undefined, noRemoval?: NoRemoval): ModuleChange | Verdict {
  const { spec, isReachable } = wish;
  const change = found ? changeOfFound(spec, found) : changeOfMissing(spec);
  switch (change) {
    case undefined:
      return found || spec.ensure !== 'patched'
        ? { outcome: 'unchanged' }
        : { outcome: 'excluded', reason: 'noModule' };
    case 'create':
      return isReachable ? completeChange(spec, newChange('create', wish)) : disabled;
    case 'writeTwin':
      return completeChange(spec, newChange('writeTwin', wish));
    case 'remove':
      if (noRemoval === 'onlyByRun') return { outcome: 'excluded', reason: noRemoval };
      if (!isReachable) return disabled;
      if (noRemoval !== undefined && spec.removal?.dryRun !== 'off') {
        return { outcome: 'blocked', reason: noRemoval };
      }
      return completeChange(spec, newChange('remove', wish));
    default:
      return assertNever(change);
  }
}

const disabled = { outcome: 'blocked', reason: 'disabled' } as const satisfies Verdict;

function changeOfMissing({ ensure }: ModuleSpec): 'create' | undefined {
  return ensure === 'present' ? 'create' : undefined;
}

function changeOfFound(spec: ModuleSpec, { twin }: FoundModule): 'writeTwin' | 'remove' | undefined {
  if (spec.ensure === 'absent') return 'remove';
  const wanted = wantedTwinOf(spec);
  return wanted && mayNeedWrite(wanted, twin ?? {}) ? 'writeTwin' : undefined;
}

function newChange(does: ModuleChange['do'], { deviceId, moduleId, authentication }: Wish): StoredChange {
  return does === 'remove' ? { do: does, deviceId, moduleId } : { do: does, deviceId, moduleId, authentication };
}

/** The change with what the spec says about the twin. Throws a `TypeError` if the spec does not allow the change. */
export function completeChange(spec: ModuleSpec, change: StoredChange): ModuleChange {
  const wanted = wantedTwinOf(spec);
  switch (change.do) {
    case 'create': {
      if (!wanted) return change;
      const { tags, desired } = wanted;
      return { ...change, twin: { ...(tags ? { tags } : {}), ...(desired ? { desired } : {}) } };
    }
    case 'writeTwin':
      if (!wanted) throw new TypeError(`The spec of module ${change.moduleId} wants nothing in its twin.`);
      return { ...change, twin: wanted };
    case 'remove':
      if (spec.ensure !== 'absent') throw new TypeError(`The policy does not remove module ${change.moduleId}.`);
      return change;
    default:
      return assertNever(change);
  }
}
