import type { Run } from '../run/run.ts';

/**
 * Why a running run must begin its listing anew; undefined if it can go on, and for a run that has not begun. `now`: the
 * fingerprint of the policy and the hub's host name in the settings. Token, todo and counts belong to the hub and the policy with
 * which the listing began.
 */
export function whyAnew(run: Run, now: { policy: string; hostName: string }): string | undefined {
  if (run.status === 'queued') return undefined;
  if (run.policy === null) return 'The stored position could not be used';
  if (run.policy !== now.policy) return 'The policy was changed';
  const { hostName } = run.checkpoint;
  return hostName === null || hostName === now.hostName ? undefined : "The hub's host name was changed";
}
