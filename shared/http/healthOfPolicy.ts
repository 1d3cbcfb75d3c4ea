import type { ConfigProblem } from '../config/config.ts';
import type { PolicyStore } from '../policyStore/policyStore.ts';
import { policyPath } from '../policyStore/standing.ts';
import type { Log } from '../telemetry/log.ts';
import { problemOf } from './problemOf.ts';

/** The part of the response of `health` about the policy. */
export interface PolicyHealth {
  /** Set if no policy is known. `misconfigured`: `policy.json` must be corrected. `unavailable`: storage cannot be read. */
  failure?: 'misconfigured' | 'unavailable';
  /** Members of the response. */
  shown: { policySource?: string; policy?: string; policyEtag?: string; policyReadAt?: string };
  problems: readonly ConfigProblem[];
}

/** Reads the policy, at most a minute old. Returns `unavailable` in place of an error for an outage or a refusal of storage. */
export async function healthOfPolicy(policies: Pick<PolicyStore, 'standing'>, log: Log): Promise<PolicyHealth> {
  try {
    const { inForce, problems, readAt } = await policies.standing(log);
    if (!inForce) return { failure: 'misconfigured', shown: {}, problems };
    const { source, fingerprint, etag } = inForce;
    const shown = {
      policySource: source,
      policy: fingerprint,
      ...(etag === undefined ? {} : { policyEtag: etag }),
      ...(readAt === undefined ? {} : { policyReadAt: readAt }),
    };
    return { shown, problems };
  } catch (error) {
    const { status, detail } = problemOf(error);
    if (status !== 503) throw error;
    const message = `could not be read, so the policy in force is not known. ${detail}`;
    return { failure: 'unavailable', shown: {}, problems: [{ setting: policyPath, message }] };
  }
}
