import type { Run } from '../run/run.ts';

/**
 * Why a run must restart its listing; undefined if it can continue, or has not begun. Token, todo and counts belong to the hub and
 * the policy with which the listing began. `now`: the fingerprint of the policy in force and the host name in the settings.
 */
export function whyAnew(run: Run, now: { policy: string; hostName: string }): string | undefined {
  if (run.status === 'queued') return undefined;
  if (run.policy === null) return 'The stored position could not be used';
  if (run.policy !== now.policy) return 'The policy was changed';
  const { hostName } = run.checkpoint;
  return hostName === null || hostName === now.hostName ? undefined : "The hub's host name was changed";
}
