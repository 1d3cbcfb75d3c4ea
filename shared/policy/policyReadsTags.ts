import type { Policy, Selection } from './moduleSpec.ts';

/** Whether selection needs the tags of devices; reading them costs message quota, so a sweep asks only then. */
export function policyReadsTags(policy: Policy): boolean {
  return policy.some(({ select }) => readsTags(select));
}

/** The same for the selection of one spec. */
export function readsTags({ tags, exemptTag }: Selection): boolean {
  return exemptTag !== undefined || (tags !== undefined && Object.keys(tags).length > 0);
}
