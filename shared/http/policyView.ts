import type { PolicyStanding } from '../policyStore/standing.ts';

/**
 * Returns the body of an HTTP response about the policy. The policy in it is the written one, without defaults, so that it can
 * be sent back. `storedEtag`: the ETag of `policy.json`, also if a setting names the policy; undefined if there is no such
 * blob.
 */
export function policyView({ inForce, problems }: PolicyStanding, storedEtag: string | undefined) {
  const { source = null, fingerprint = null, written = null, etag } = inForce ?? {};
  return {
    policySource: source,
    fingerprint,
    ...(etag === undefined ? {} : { policyEtag: etag }),
    policy: written,
    stored: storedEtag === undefined ? null : { etag: storedEtag, inForce: source === 'blob' && etag === storedEtag },
    ...(source === 'setting' && storedEtag !== undefined ? { notice: settingWins } : {}),
    ...(problems.length === 0 ? {} : { problems }),
  };
}

const settingWins =
  'policy.json has no effect while POLICY is set, or MODULE_ID to another module than the default; remove that setting.';
