import type { Policy } from './moduleSpec.ts';
import { policyFingerprint } from './policyFingerprint.ts';

/** `setting`: POLICY, or MODULE_ID with another module than the default; `blob`: `policy.json`; `default`: none of these. */
export type PolicySource = (typeof policySources)[number];
export const policySources = ['setting', 'blob', 'default'] as const;

/** The identity of a policy, and where it is stored. */
export interface PolicyOrigin {
  source: PolicySource;
  /** The `policyFingerprint` of the policy. */
  fingerprint: string;
  /** The ETag of `policy.json`; undefined for a policy from another source. */
  etag?: string;
}

/** The policy that the app applies. */
export interface PolicyInForce extends PolicyOrigin {
  policy: Policy;
}

/** Adds the fingerprint and the origin to a policy. */
export function policyInForce(policy: Policy, source: PolicySource, etag?: string): PolicyInForce {
  return { policy, fingerprint: policyFingerprint(policy), source, ...(etag === undefined ? {} : { etag }) };
}

/** Returns the origin of a policy as fields of a log line. */
export function originFields({ source, fingerprint, etag }: PolicyOrigin): Record<string, string> {
  return { policySource: source, policy: fingerprint, ...(etag === undefined ? {} : { policyEtag: etag }) };
}
