import { assertNever } from '../assertNever.ts';
import type { ModuleSpec, Policy } from './moduleSpec.ts';
import { policyReadsTags } from './selectSpec.ts';

/** A change of a device or module identity, as a hub reports it. */
export interface IdentityChange {
  /** Undefined if the device identity itself changed. */
  moduleId?: string;
  what: 'created' | 'deleted' | 'twinChanged';
  /** The sections of the twin that changed, without reported properties. Undefined if they are not known. */
  sections?: readonly TwinSection[];
}

const sectionNames = ['tags', 'desired'] as const;
type TwinSection = (typeof sectionNames)[number];

/**
 * Whether the device may differ from the policy after this change, so that the app must read it. The app's own changes are
 * reported as events too. Of these, only the ones in twins that a spec writes cause a read, which then finds nothing to change.
 */
export function concernsPolicy(change: IdentityChange, policy: Policy): boolean {
  const { moduleId } = change;
  if (moduleId === undefined) return deviceConcerns(change, policy);
  return policy.some((spec) => spec.moduleId === moduleId && moduleConcerns(change, spec));
}

/** A deleted device needs no read, because its modules are deleted with it. Of a device twin, a policy uses only the tags. */
function deviceConcerns({ what, sections }: IdentityChange, policy: Policy): boolean {
  switch (what) {
    case 'created':
      return true;
    case 'deleted':
      return false;
    case 'twinChanged':
      return touches(sections, ['tags']) && policyReadsTags(policy);
    default:
      return assertNever(what);
  }
}

/** A module with `ensure: absent` never needs a read, because only runs remove modules. */
function moduleConcerns({ what, sections }: IdentityChange, { ensure, twin }: ModuleSpec): boolean {
  const inTwin = twin.mode === 'off' || ensure === 'absent' ? [] : sectionNames.filter((name) => twin[name]);
  switch (what) {
    case 'created':
      return inTwin.length > 0; // if another program created it, its twin lacks the seed
    case 'deleted':
      return ensure === 'present';
    case 'twinChanged':
      return twin.mode === 'enforce' && touches(sections, inTwin);
    default:
      return assertNever(what);
  }
}

/** Whether one of the `wanted` sections may have changed; undefined `sections` mean that any section may have. */
function touches(sections: readonly TwinSection[] | undefined, wanted: readonly TwinSection[]): boolean {
  return wanted.length > 0 && (sections === undefined || wanted.some((one) => sections.includes(one)));
}
