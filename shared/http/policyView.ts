import type { PolicyStanding } from '../policyStore/standing.ts';

/**
 * The JSON of a policy for an HTTP response: as it was written, without defaults, so that it can be sent back. `storedEtag`: the
 * ETag of `policy.json`, also where a setting wins.
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
