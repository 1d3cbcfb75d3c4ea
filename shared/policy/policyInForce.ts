import type { Policy } from './moduleSpec.ts';
import { policyFingerprint } from './policyFingerprint.ts';

/** `setting`: POLICY, or a MODULE_ID of its own; `blob`: `policy.json` in the app's container; `default`: neither is there. */
export type PolicySource = (typeof policySources)[number];
export const policySources = ['setting', 'blob', 'default'] as const;

/** Which policy it is, and where it stands. */
export interface PolicyOrigin {
  source: PolicySource;
  /** As `policyFingerprint` returns it. */
  fingerprint: string;
  /** The ETag of the blob; undefined for a policy from elsewhere. */
  etag?: string;
}

/** The policy that the app acts by. */
export interface PolicyInForce extends PolicyOrigin {
  policy: Policy;
}

/** The policy with its fingerprint. */
export function policyInForce(policy: Policy, source: PolicySource, etag?: string): PolicyInForce {
  return { policy, fingerprint: policyFingerprint(policy), source, ...(etag === undefined ? {} : { etag }) };
}

/** The origin of a policy as fields of a log line. */
export function originFields({ source, fingerprint, etag }: PolicyOrigin): Record<string, string> {
  return { policySource: source, policy: fingerprint, ...(etag === undefined ? {} : { policyEtag: etag }) };
}
