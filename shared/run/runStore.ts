import type { Clock, Random } from '../clock.ts';
import { type Documents, StaleDocumentError } from '../storage/documents.ts';
import { type HubDocument, updateHubDocument, withoutRun } from './hubDocument.ts';
import { readRun } from './readRuns.ts';
import { noteEndedRun } from './recentRuns.ts';
import { isLive, newRun, newRunId, type Run, type RunRef, runPath, type Starter } from './run.ts';
import { readStoredRun, storedRun } from './runDocument.ts';

/** What starting and ending runs needs. */
export interface RunStores {
  documents: Documents;
  clock: Clock;
  random: Random;
}

/**
 * Starts a run, or returns the live run of the same kind (dry or real). The run exists once the hub document names it as the
 * active or the queued run; if several callers start one at the same time, exactly one of them succeeds. Throws `HubBusyError`
 * for a real run while an undo is live.
 */
export async function startRun(
  { documents, clock, random }: RunStores,
  hub: string,
  { dryRun, startedBy }: Pick<RunRef, 'dryRun'> & { startedBy: Starter },
): Promise<{ run: Run; alreadyRunning: boolean }> {
  const fresh: RunRef = {
    runId: await unusedRunId({ documents, clock, random }, hub),
    dryRun,
    requestedAt: new Date(clock.now()).toISOString(),
    startedBy,
  };
  let named = fresh;
  await updateHubDocument(documents, hub, async (document) => {
    const live = await liveRefs(documents, hub, document);
    const undo = live.find((ref) => ref.undoes !== undefined);
    if (undo && !dryRun) throw new HubBusyError(hub, undo.runId);
    const same = live.find((ref) => ref.dryRun === dryRun);
    named = same ?? fresh;
    return same ? undefined : withRuns(document, [...(await doneFirst(documents, hub, document, live)), fresh]);
  });
  // If the response to the write was lost, the retry finds this call's own reference.
  const alreadyRunning = named.runId !== fresh.runId;
  return { run: await readOrWriteRun(documents, hub, named), alreadyRunning };
}

/** Another run of the hub must end first, because a sweep and an undo could work against each other. */
export class HubBusyError extends Error {
  readonly runId: string;

  constructor(hub: string, runId: string) {
    super(`Run ${runId} of hub ${hub} has not ended; wait for its end, or cancel it.`);
    this.name = 'HubBusyError';
    this.runId = runId;
  }
}

/** Calls `startRun` for a sweep of the schedule. Undefined while an undo is live; the watch then starts the sweep later. */
export async function startScheduledRun(
  stores: RunStores,
  hub: string,
  startedBy: 'timer' | 'watch',
): Promise<{ run: Run; alreadyRunning: boolean } | undefined> {
  try {
    return await startRun(stores, hub, { dryRun: false, startedBy });
  } catch (error) {
    if (error instanceof HubBusyError) return undefined;
    throw error;
  }
}

/**
 * Starts a run that undoes the removals of run `undoes`, or returns the live one. Forgets the last dry run, so that no
 * sweep removes the modules again before a new dry run. Throws `HubBusyError` while any other run of the hub is live.
 */
export async function startUndo(
  { documents, clock, random }: RunStores,
  hub: string,
  undoes: string,
): Promise<{ run: Run; alreadyRunning: boolean }> {
  const fresh: RunRef = {
    runId: await unusedRunId({ documents, clock, random }, hub),
    dryRun: false,
    requestedAt: new Date(clock.now()).toISOString(),
    startedBy: 'undo',
    undoes,
  };
  let named = fresh;
  await updateHubDocument(documents, hub, async (document) => {
    const [live] = await liveRefs(documents, hub, document);
    if (live && live.undoes !== undoes) throw new HubBusyError(hub, live.runId);
    named = live ?? fresh;
    const { lastDryRun: _used, ...others } = document;
    const rest = { ...others, undoSinceSweep: fresh.runId };
    return live ? undefined : withRuns(rest, [...(await doneFirst(documents, hub, document, [])), fresh]);
  });
  return { run: await readOrWriteRun(documents, hub, named), alreadyRunning: named.runId !== fresh.runId };
}

/** The document of a run that the hub document names. Writes it if the process that started the run failed before that. */
export async function readOrWriteRun(documents: Documents, hub: string, ref: RunRef): Promise<Run> {
  const run = newRun(hub, ref);
  try {
    await documents.write(runPath(hub, ref.runId), storedRun(run), undefined);
    return run;
  } catch (error) {
    if (!(error instanceof StaleDocumentError)) throw error;
    return (await readRun(documents, hub, ref.runId)) ?? run;
  }
}

async function unusedRunId({ documents, clock, random }: RunStores, hub: string): Promise<string> {
  for (;;) {
    const runId = newRunId(clock.now(), random);
    if ((await documents.readEtag(runPath(hub, runId))) === undefined) return runId;
  }
}

/** The references whose runs have not ended, the active one first. */
async function liveRefs(documents: Documents, hub: string, { activeRun, queuedRun }: HubDocument): Promise<RunRef[]> {
  const live: RunRef[] = [];
  for (const ref of [activeRun, queuedRun]) {
    const run = ref && (await readRun(documents, hub, ref.runId));
    if (ref && (!run || isLive(run))) live.push(ref);
  }
  return live;
}

/**
 * The live references. If there is none but the active run is done, the reference of that run: its worker may have died before it
 * wrote the results of the run into the hub document, and the next worker does that first.
 */
async function doneFirst(
  documents: Documents,
  hub: string,
  { activeRun }: HubDocument,
  live: RunRef[],
): Promise<RunRef[]> {
  if (live.length > 0 || !activeRun) return live;
  return (await readRun(documents, hub, activeRun.runId))?.status === 'done' ? [activeRun] : [];
}

function withRuns(document: HubDocument, [activeRun, queuedRun]: RunRef[]): HubDocument {
  const { activeRun: _active, queuedRun: _queued, ...rest } = document;
  return { ...rest, ...(activeRun ? { activeRun } : {}), ...(queuedRun ? { queuedRun } : {}) };
}

/** Cancels a live run. Returns the run, which may have ended before; undefined if it does not exist. */
export async function cancelRun(stores: RunStores, hub: string, runId: string): Promise<Run | undefined> {
  return (await endRun(stores, hub, runId, { status: 'cancelled', reason: 'Cancelled by request.' }))?.run;
}

/** Ends a live run as failed. Returns it; undefined if it does not exist, or had ended before. */
export async function failRun(
  stores: Pick<RunStores, 'documents' | 'clock'>,
  hub: string,
  runId: string,
  reason: string,
): Promise<Run | undefined> {
  const ended = await endRun(stores, hub, runId, { status: 'failed', reason });
  return ended?.isOurs ? ended.run : undefined;
}

/**
 * Ends a live run from outside its worker; the worker notices by the document's etag before its next hub call. Returns the
 * run, and whether this call ended it; undefined if it does not exist.
 */
async function endRun(
  { documents, clock }: Pick<RunStores, 'documents' | 'clock'>,
  hub: string,
  runId: string,
  end: Pick<Run, 'status' | 'reason'>,
): Promise<{ run: Run; isOurs: boolean } | undefined> {
  const ended = { ...end, waitingFor: null, finishedAt: new Date(clock.now()).toISOString() };
  let wasLive = false;
  for (;;) {
    const stored = await documents.read<unknown>(runPath(hub, runId));
    if (!stored) return undefined;
    let run = readStoredRun(stored.value, hub, runId);
    if (isLive(run)) {
      wasLive = true;
      run = { ...run, ...ended };
      try {
        await documents.write(runPath(hub, runId), storedRun(run), stored.etag);
      } catch (error) {
        // The worker wrote a checkpoint or ended the run in between, or the response to an earlier try of this write was lost.
        if (error instanceof StaleDocumentError) continue;
        throw error;
      }
    }
    await noteEndedRun(documents, run);
    // The hub document keeps naming a done run until a worker has written the results of the run into it (`doneFirst`).
    if (run.status !== 'done') await updateHubDocument(documents, hub, (document) => withoutRun(document, runId));
    const isOurs = wasLive && run.status === ended.status && run.finishedAt === ended.finishedAt;
    return { run, isOurs };
  }
}
