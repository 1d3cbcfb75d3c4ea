import type { Clock } from '../clock.ts';
import type { Documents } from '../storage/documents.ts';
import { type HubDocument, updateHubDocument } from './hubDocument.ts';
import { readRun } from './readRuns.ts';
import { isLive, type Run } from './run.ts';

/** After this number of broken slices without a new checkpoint a run is stalled. */
const maxBrokenSlices = 3;

/** Why a stalled run has failed, and what to do; the first word names it for programs. */
export const stalledReason =
  `stalled: ${maxBrokenSlices} slices in a row ended early and wrote no checkpoint. ` +
  'Failed invocations of hubWork, or the last lines before a restart of the process, say why. ' +
  'Remove the cause, then start another run; it creates only what is still missing.';

/**
 * Notes in the hub document that a slice begins, at `wokenAt`, and counts it in `brokenSlices` until it ends in order. To be
 * called by the worker as soon as it holds the lease. Returns whether the slice before did not end in order either, so
 * that `endSlice` must be called. Throws as `updateHubDocument`.
 */
export async function beginSlice(
  { documents, clock }: { documents: Documents; clock: Clock },
  hub: string,
): Promise<boolean> {
  const wokenAt = new Date(clock.now()).toISOString();
  // The result of the first try. If its response was lost, the document of the next try counts this slice already.
  let counted: HubDocument['brokenSlices'];
  const { brokenSlices } = await updateHubDocument(documents, hub, async (document) => {
    const run = await activeRunOf(documents, hub, document);
    if (!run) return { ...document, wokenAt };
    const { runId, checkpointAt } = run;
    if (counted?.runId !== runId) counted = { runId, checkpointAt, begun: brokenCount(document, run) + 1 };
    return { ...document, wokenAt, brokenSlices: counted };
  });
  return (brokenSlices?.begun ?? 0) > 1;
}

/** Notes that a slice ended in order: its run is not stalled, even if it had no turn. Throws as `updateHubDocument`. */
export async function endSlice(documents: Documents, hub: string): Promise<void> {
  await updateHubDocument(documents, hub, ({ brokenSlices, ...rest }) =>
    brokenSlices === undefined ? undefined : rest,
  );
}

/**
 * The id of the active run if it is stalled: `maxBrokenSlices` slices in a row began on it, wrote no checkpoint and did not end in
 * order. The time that a run waits for its turn does not count. Call it only while the lease is free, because a slice that still
 * works counts as broken until it ends. Throws what storage throws.
 */
export async function stalledRunId(
  documents: Documents,
  hub: string,
  document: HubDocument,
): Promise<string | undefined> {
  if ((document.brokenSlices?.begun ?? 0) < maxBrokenSlices) return undefined;
  const run = await activeRunOf(documents, hub, document);
  return run && brokenCount(document, run) >= maxBrokenSlices ? run.runId : undefined;
}

function brokenCount({ brokenSlices }: HubDocument, { runId, checkpointAt }: Run): number {
  const isSame = brokenSlices?.runId === runId && brokenSlices.checkpointAt === checkpointAt;
  return isSame ? brokenSlices.begun : 0;
}

async function activeRunOf(documents: Documents, hub: string, { activeRun }: HubDocument): Promise<Run | undefined> {
  const run = activeRun && (await readRun(documents, hub, activeRun.runId));
  return run && isLive(run) ? run : undefined;
}
