import type { Clock, Random } from '../clock.ts';
import { type Documents, StaleDocumentError } from '../storage/documents.ts';
import { type HubDocument, updateHubDocument, withoutRun } from './hubDocument.ts';
import { failuresPath, isLive, newRun, newRunId, type Run, runPath } from './run.ts';

/** Runs are kept so long (design section 4). */
const keptMs = 90 * 24 * 3600 * 1000;

const maxIdDraws = 5;

export interface RunStores {
  documents: Documents;
  clock: Clock;
  random: Random;
}

export async function readRun(documents: Documents, hub: string, runId: string): Promise<Run | undefined> {
  return (await documents.read<Run>(runPath(hub, runId)))?.value;
}

/**
 * Starts a run, or answers the live run of the same kind. A run becomes real by the write of the hub document that
 * claims the place of the active or the queued run; of several starters exactly one succeeds in that.
 */
export async function startRun(
  { documents, clock, random }: RunStores,
  hub: string,
  dryRun: boolean,
): Promise<{ run: Run; alreadyRunning: boolean }> {
  let fresh: Run | undefined;
  let found: Run | undefined;
  await updateHubDocument(documents, hub, async (document) => {
    const active = await liveRun(documents, hub, document.activeRun?.runId);
    const queued = await liveRun(documents, hub, document.queuedRun?.runId);
    found = [active, queued].find((run) => run?.dryRun === dryRun);
    if (found) return undefined;
    fresh ??= await writeNewRun({ documents, clock, random }, hub, dryRun);
    return enqueue(document, fresh, active, queued);
  });
  if (found) {
    if (fresh) await documents.remove(runPath(hub, fresh.runId)); // somebody else's claim came first
    return { run: found, alreadyRunning: true };
  }
  if (!fresh) throw new Error('A run was neither found nor made.');
  return { run: fresh, alreadyRunning: false };
}

async function writeNewRun({ documents, clock, random }: RunStores, hub: string, dryRun: boolean): Promise<Run> {
  for (let attempt = 1; ; attempt++) {
    const run = newRun(hub, newRunId(clock.now(), random), dryRun, clock.now());
    try {
      await documents.write(runPath(hub, run.runId), run, undefined);
      return run;
    } catch (error) {
      // Two runs of one second drew the same digits.
      if (!(error instanceof StaleDocumentError) || attempt >= maxIdDraws) throw error;
    }
  }
}

function enqueue(document: HubDocument, fresh: Run, active: Run | undefined, queued: Run | undefined): HubDocument {
  const { activeRun: _active, queuedRun: _queued, ...rest } = document;
  const waiting = [active, queued, fresh]
    .filter((run) => run !== undefined)
    .map(({ runId, dryRun }) => ({ runId, dryRun }));
  const [activeRun, queuedRun] = waiting;
  return { ...rest, ...(activeRun ? { activeRun } : {}), ...(queuedRun ? { queuedRun } : {}) };
}

async function liveRun(documents: Documents, hub: string, runId: string | undefined): Promise<Run | undefined> {
  const run = runId === undefined ? undefined : await readRun(documents, hub, runId);
  return run && isLive(run) ? run : undefined;
}

/** Ends a run before its time; one that has ended already is answered as it is. Undefined: there is no such run. */
export async function cancelRun(
  stores: RunStores,
  hub: string,
  runId: string,
  reason = 'Cancelled by request.',
): Promise<Run | undefined> {
  return endRun(stores, hub, runId, { status: 'cancelled', reason });
}

/** Ends a live run from outside its worker, which notices by the document's etag before its next hub call. */
export async function endRun(
  { documents, clock }: Pick<RunStores, 'documents' | 'clock'>,
  hub: string,
  runId: string,
  end: Pick<Run, 'status' | 'reason'>,
): Promise<Run | undefined> {
  for (;;) {
    const stored = await documents.read<Run>(runPath(hub, runId));
    if (!stored) return undefined;
    let run = stored.value;
    if (isLive(run)) {
      run = { ...run, ...end, waitingFor: null, finishedAt: new Date(clock.now()).toISOString() };
      try {
        await documents.write(runPath(hub, runId), run, stored.etag);
      } catch (error) {
        if (error instanceof StaleDocumentError) continue; // its worker wrote a checkpoint just now
        throw error;
      }
    }
    await updateHubDocument(documents, hub, (document) => withoutRun(document, runId));
    return run;
  }
}

/** The ids of a hub's runs, newest first. */
export async function listRunIds(documents: Documents, hub: string): Promise<string[]> {
  const paths = await documents.list(`runs/${hub}/`);
  return paths
    .filter((path) => path.endsWith('.json'))
    .map((path) => path.slice(`runs/${hub}/`.length, -'.json'.length))
    .reverse();
}

/** Removes the runs that are older than 90 days; answers how many. */
export async function pruneRuns(
  { documents, clock }: Pick<RunStores, 'documents' | 'clock'>,
  hub: string,
): Promise<number> {
  const oldestKept = newRunId(clock.now() - keptMs, () => 0);
  const old = (await listRunIds(documents, hub)).filter((runId) => runId < oldestKept);
  for (const runId of old) {
    await documents.remove(failuresPath(hub, runId));
    await documents.remove(runPath(hub, runId));
  }
  return old.length;
}
