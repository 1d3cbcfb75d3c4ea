import type { Clock } from '../clock.ts';
import type { Documents } from '../storage/documents.ts';
import { readHubDocument } from './hubDocument.ts';

/** A dry run says what a real one would remove; after a day the hub may be another one. */
const validMs = 24 * 3600 * 1000;

/** Whether the last dry run of a hub had this policy (a fingerprint) and ended within the last 24 hours. Throws what storage throws. */
export async function hasRecentDryRun(
  { documents, clock }: { documents: Documents; clock: Clock },
  hub: string,
  policy: string,
): Promise<boolean> {
  const { lastDryRun } = await readHubDocument(documents, hub);
  if (lastDryRun?.policy !== policy) return false;
  const ageMs = clock.now() - Date.parse(lastDryRun.finishedAt);
  return ageMs >= 0 && ageMs < validMs;
}
