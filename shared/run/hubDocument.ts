import type { LatelySpent, LearnedRates } from '../hub/hubBudgets.ts';
import { type Documents, StaleDocumentError } from '../storage/documents.ts';
import type { Counts } from './counts.ts';

/** A run that the hub document names. The run exists from this write on; its own document may be written later. */
export interface RunRef {
  runId: string;
  dryRun: boolean;
  /** ISO 8601, UTC. */
  requestedAt: string;
}

/** State of a hub between slices, stored as `hubs/{hub}.json`. */
export interface HubDocument {
  /** The run that the hub's worker works on. */
  activeRun?: RunRef;
  /** The next run. It is of the other kind (dry or real), because neither kind replaces the other. */
  queuedRun?: RunRef;
  learnedRates?: LearnedRates;
  spending?: LatelySpent;
  /** Since when only the reserved headroom remains; ISO 8601, UTC. New devices stay pending meanwhile. */
  fullSince?: string;
  /** The last real run that is done. `incomplete`: its listing lacked devices (`sawWholeHub`), so it says nothing about coverage. */
  lastFinishedSweep?: { runId: string; finishedAt: string; counts: Counts; incomplete?: true };
  /** How often the watch found the active run without a worker since its last checkpoint. */
  watch?: { runId: string; checkpointAt: string | null; wakes: number };
}

const maxTries = 10;

/** The hub document; empty if there is none. */
export async function readHubDocument(documents: Documents, hub: string): Promise<HubDocument> {
  return (await documents.read<HubDocument>(hubPath(hub)))?.value ?? {};
}

/**
 * Read-modify-write with optimistic concurrency. `change` returns the new document, or undefined to leave it unchanged; it is
 * called again after a conflict. Returns the stored document. Throws `StaleDocumentError` after ten conflicts.
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

/** Stores since when only the reserved headroom remains (an earlier time is kept); undefined removes it. */
export async function writeFullSince(documents: Documents, hub: string, fullSince: string | undefined): Promise<void> {
  await updateHubDocument(documents, hub, ({ fullSince: before, ...rest }) => {
    if ((before === undefined) === (fullSince === undefined)) return undefined;
    return fullSince === undefined ? rest : { ...rest, fullSince };
  });
}

/** The document without an ended run; the queued run becomes active. Undefined if the document does not name the run. */
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
