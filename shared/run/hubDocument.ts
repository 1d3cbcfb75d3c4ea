import { type Documents, StaleDocumentError } from '../storage/documents.ts';
import { type HubDocument, readStoredHub } from './storedHub.ts';

// Most users need the type together with the functions below.
export type { HubDocument };

/** The version of hub documents that this app writes; it reads every version (`readStoredHub`). */
const hubVersion = 3;

/** Where the hub documents are. */
export const hubFolder = 'hubs/';

const maxTries = 10;

/** The hub document; empty if there is none. */
export async function readHubDocument(documents: Pick<Documents, 'read'>, hub: string): Promise<HubDocument> {
  return readStoredHub((await documents.read<unknown>(hubPath(hub)))?.value);
}

/**
 * Read-modify-write with optimistic concurrency. `change` returns the new document, or undefined to leave it unchanged; it is
 * called again after a conflict. The conflict may be with its own write, whose response was lost, so it must do no harm to apply
 * `change` twice. `readAtMs`: when the document was read, by the clock of the storage (`StoredDocument`). Returns the stored
 * document. Throws `StaleDocumentError` after ten conflicts.
 */
export async function updateHubDocument(
  documents: Documents,
  hub: string,
  change: (
    document: HubDocument,
    readAtMs: number | undefined,
  ) => Promise<HubDocument | undefined> | HubDocument | undefined,
): Promise<HubDocument> {
  for (let attempt = 1; ; attempt++) {
    const stored = await documents.read<unknown>(hubPath(hub));
    const before = readStoredHub(stored?.value);
    const after = await change(before, stored?.readAtMs);
    if (after === undefined) return before;
    try {
      await documents.write(hubPath(hub), { ...after, version: hubVersion }, stored?.etag);
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

/**
 * Stores how many modules could be created when the hub was counted at `countedAt` (ISO 8601), and sets or removes
 * `fullSince` accordingly. `places` is null if the hub could not count; nothing changes then.
 */
export async function writeHeadroom(
  documents: Documents,
  hub: string,
  places: number | null,
  countedAt: string,
): Promise<void> {
  if (places === null) return;
  await updateHubDocument(documents, hub, ({ fullSince, ...rest }) => ({
    ...rest,
    ...(places > 0 ? {} : { fullSince: fullSince ?? countedAt }),
    headroom: { places, countedAt },
  }));
}

/**
 * Below this number of modules only the worker creates, because a run counts the identities of the hub first. The intake does not
 * count them, and the events of one day may be more. A fifth of the reserved headroom.
 */
export const smallHeadroom = 2_000;

/** Whether only the hub's worker may create modules: none or few could be created when the hub was counted last. */
export function isNearlyFull({ fullSince, headroom }: HubDocument): boolean {
  return fullSince !== undefined || (headroom !== undefined && headroom.places < smallHeadroom);
}

/** The document without an ended run; the queued run becomes active. Undefined if the document does not name the run. */
export function withoutRun(document: HubDocument, runId: string): HubDocument | undefined {
  if (document.activeRun?.runId === runId) {
    const { activeRun: _ended, queuedRun, brokenSlices: _broken, heldRun: _held, ...rest } = document;
    return queuedRun ? { ...rest, activeRun: queuedRun } : rest;
  }
  if (document.queuedRun?.runId === runId) {
    const { queuedRun: _ended, ...rest } = document;
    return rest;
  }
  return undefined;
}

function hubPath(hub: string): string {
  return `${hubFolder}${hub}.json`;
}
