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

type TwinSection = 'tags' | 'desired';

/** Wider than the specs are so far: a policy may only patch the modules of others, remove modules, and enforce twins. */
type Ensure = ModuleSpec['ensure'] | 'patched' | 'absent';
type TwinMode = ModuleSpec['twin']['mode'] | 'enforce';

/**
 * Whether the device may now differ from the policy, so that it is worth a read. What the app itself changes comes back as such
 * an event too: of a module that it created it is true only if the spec also looks at the twin, and then the read finds
 * nothing to do.
 */
export function concernsPolicy(change: IdentityChange, policy: Policy): boolean {
  const { moduleId } = change;
  if (moduleId === undefined) return deviceConcerns(change, policy);
  return policy.some((spec) => spec.moduleId === moduleId && moduleConcerns(change, spec.ensure, spec.twin.mode));
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
function moduleConcerns({ what, sections }: IdentityChange, ensure: Ensure, mode: TwinMode): boolean {
  switch (what) {
    case 'created':
      return ensure === 'patched' || (ensure === 'present' && mode === 'enforce');
    case 'deleted':
      return ensure === 'present';
    case 'twinChanged':
      return ensure !== 'absent' && mode === 'enforce' && touches(sections, ['tags', 'desired']);
    default:
      return assertNever(what);
  }
}

function touches(sections: readonly TwinSection[] | undefined, wanted: readonly TwinSection[]): boolean {
  return sections === undefined || wanted.some((one) => sections.includes(one));
}
