import type { Clock } from '../clock.ts';
import type { Documents } from '../storage/documents.ts';
import { readHubDocument } from './hubDocument.ts';
import type { Run } from './run.ts';

/** How long a dry run allows a removal: after a day the hub may have changed too much. */
const validMs = 24 * 3600 * 1000;

/**
 * Whether the last dry run allows `run` to remove modules: it had this policy (a fingerprint), saw this hub (a host name) as a whole,
 * and ended within the last 24 hours and before `run` was requested, so that an operator could read it first. Throws what storage throws.
 */
export async function hasRecentDryRun(
  { documents, clock }: { documents: Documents; clock: Clock },
  run: Pick<Run, 'hub' | 'requestedAt'>,
  { policy, hostName }: { policy: string; hostName: string },
): Promise<boolean> {
  const { lastDryRun } = await readHubDocument(documents, run.hub);
  if (lastDryRun?.policy !== policy || lastDryRun.hostName !== hostName) return false;
  const endedMs = Date.parse(lastDryRun.finishedAt);
  return endedMs <= Date.parse(run.requestedAt) && clock.now() - endedMs < validMs;
}
