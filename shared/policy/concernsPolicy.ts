import { assertNever } from '../assertNever.ts';
import type { ModuleSpec, Policy } from './moduleSpec.ts';
import { policyReadsTags } from './selectSpec.ts';

/** What a hub reports of one of its identities. */
export interface IdentityChange {
  /** Undefined if it is about the device itself. */
  moduleId?: string;
  what: 'created' | 'deleted' | 'twinChanged';
  /** The parts of the twin that changed; undefined if that is not known. Reported properties are none of them. */
  sections?: readonly TwinSection[];
}

const sectionNames = ['tags', 'desired'] as const;
type TwinSection = (typeof sectionNames)[number];

/**
 * Whether the device may now differ from the policy, so that it is worth a read. What the app itself changes comes back as such
 * an event too: that is worth a read only if the spec looks at the twin, and the read then finds nothing to do.
 */
export function concernsPolicy(change: IdentityChange, policy: Policy): boolean {
  const { moduleId } = change;
  if (moduleId === undefined) return deviceConcerns(change, policy);
  return policy.some((spec) => spec.moduleId === moduleId && moduleConcerns(change, spec));
}

/** With a device its modules are gone too. Of its twin only the tags can matter to a policy. */
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

/** A module that should be absent is removed by a run alone, never because of an event. */
function moduleConcerns({ what, sections }: IdentityChange, { ensure, twin }: ModuleSpec): boolean {
  const inTwin = twin.mode === 'off' || ensure === 'absent' ? [] : sectionNames.filter((name) => twin[name]);
  switch (what) {
    case 'created':
      return inTwin.length > 0; // others may have created it, without what should be in its twin
    case 'deleted':
      return ensure === 'present';
    case 'twinChanged':
      return twin.mode === 'enforce' && touches(sections, inTwin);
    default:
      return assertNever(what);
  }
}

/** Without `sections` any may have changed. */
function touches(sections: readonly TwinSection[] | undefined, wanted: readonly TwinSection[]): boolean {
  return wanted.length > 0 && (sections === undefined || wanted.some((one) => sections.includes(one)));
}
