import type { LatelySpent, LearnedRates } from '../hub/hubBudgets.ts';
import { type Documents, StaleDocumentError } from '../storage/documents.ts';
import type { Counts } from './counts.ts';

/** A claim on the hub's worker. It alone makes a run real: the run's own document may still have to be written. */
export interface RunRef {
  runId: string;
  dryRun: boolean;
  /** ISO 8601, UTC. */
  requestedAt: string;
}

/** What lasts of a hub between slices, as `hubs/{hub}.json`. */
export interface HubDocument {
  /** The run that the hub's worker is to go on with. */
  activeRun?: RunRef;
  /** A run of the other kind, next in line: a dry run never stands in for a real one. */
  queuedRun?: RunRef;
  learnedRates?: LearnedRates;
  spending?: LatelySpent;
  /** Since when only the owner's places under the hub's cap are left; ISO 8601, UTC. New devices then wait. */
  fullSince?: string;
  lastFinishedSweep?: { runId: string; finishedAt: string; counts: Counts };
  /** How often the watch found the active run without a worker, and without a new checkpoint since. */
  watch?: { runId: string; checkpointAt: string | null; wakes: number };
}

const maxTries = 10;

export async function readHubDocument(documents: Documents, hub: string): Promise<HubDocument> {
  return (await documents.read<HubDocument>(hubPath(hub)))?.value ?? {};
}

/**
 * Writes what `change` makes of the newest document, and answers it; asks again when somebody else was faster. `change`
 * answers undefined to leave the document alone.
 */
export async function updateHubDocument(
  documents: Documents,
  hub: string,
  change: (document: HubDocument) => Promise<HubDocument | undefined> | HubDocument | undefined,
): Promise<HubDocument> {
  for (let attempt = 1; ; attempt++) {
    const stored = await documents.read<HubDocument>(hubPath(hub));
    const before = stored?.value ?? {};
    const after = await change(before);
    if (after === undefined) return before;
    try {
      await documents.write(hubPath(hub), after, stored?.etag);
      return after;
    } catch (error) {
      if (!(error instanceof StaleDocumentError) || attempt >= maxTries) throw error;
    }
  }
}

/** Notes that only the owner's places are left, or that there are others again. */
export async function noteFull(documents: Documents, hub: string, fullSince: string | undefined): Promise<void> {
  await updateHubDocument(documents, hub, ({ fullSince: before, ...rest }) => {
    if ((before === undefined) === (fullSince === undefined)) return undefined;
    return fullSince === undefined ? rest : { ...rest, fullSince };
  });
}

/** Takes a run that has ended out of the line; the queued one moves up. */
export function withoutRun(document: HubDocument, runId: string): HubDocument | undefined {
  if (document.activeRun?.runId === runId) {
    const { activeRun: _ended, queuedRun, watch: _watch, ...rest } = document;
    return queuedRun ? { ...rest, activeRun: queuedRun } : rest;
  }
  if (document.queuedRun?.runId === runId) {
    const { queuedRun: _ended, ...rest } = document;
    return rest;
  }
  return undefined;
}

function hubPath(hub: string): string {
  return `hubs/${hub}.json`;
}
