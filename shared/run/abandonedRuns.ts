import type { Clock } from '../clock.ts';
import { concurrently } from '../concurrently.ts';
import type { Documents } from '../storage/documents.ts';
import type { Log } from '../telemetry/log.ts';
import { type HubDocument, readHubDocument } from './hubDocument.ts';
import { listRunIds, readRun } from './readRuns.ts';
import { isLive, type Run } from './run.ts';
import { failRun } from './runStore.ts';

// Ends the runs that no worker will ever end: the settings do not have their hub any more, or the hub document does not name them.

interface EndDeps {
  documents: Documents;
  clock: Clock;
  log: Log;
}

/**
 * No app works on a hub that has shown no sign of work for this long. A hub that is not in the settings may belong to another app
 * on the same storage account, whose watch or worker writes such a sign every few minutes while the hub has work.
 */
const unattendedMs = 24 * 3600 * 1000;

/** The largest number of runs that is looked at; a hub has about a hundred runs in the 90 days that they are kept. */
const maxRunsRead = 200;
const readConcurrency = 16;

const removedHubReason =
  'The hub is not in the settings any more. If it should be, add it to the settings and start another run.';
const unnamedReason =
  "The app's own record of the hub (hubs/{hub}.json) does not name this run any more: it was damaged or removed. Start another run; it creates only what is still missing.";

/**
 * Ends the live runs of the hubs that have a document and are not in `hubs`, unless an app has worked on the hub within the last
 * day. Throws what storage throws.
 */
export async function endRunsOfRemovedHubs(deps: EndDeps, hubs: { has(hub: string): boolean }): Promise<void> {
  const { documents, clock, log } = deps;
  for (const path of await documents.list('hubs/')) {
    const hub = path.slice('hubs/'.length, -'.json'.length);
    if (hubs.has(hub)) continue;
    const document = await readHubDocument(documents, hub);
    const { activeRun, queuedRun } = document;
    if (!activeRun && !queuedRun) continue;
    // A time in the future was written by an instance with a wrong clock.
    if (Math.abs(clock.now() - (await lastSignMs(documents, hub, document))) < unattendedMs) continue;
    for (const ref of [queuedRun, activeRun]) {
      if (!ref) continue;
      if (!(await failRun(deps, hub, ref.runId, removedHubReason))) continue;
      log.warn('A run of a hub that is not in the settings was ended', { hub, runId: ref.runId });
    }
  }
}

/** The latest sign of work (a request, a slice, a wake-up of the watch, a checkpoint), in ms since 1970; 0 if there is none. */
async function lastSignMs(documents: Documents, hub: string, document: HubDocument): Promise<number> {
  const { activeRun, queuedRun, wokenAt } = document;
  const run = activeRun && (await readRun(documents, hub, activeRun.runId));
  const times = [activeRun?.requestedAt, queuedRun?.requestedAt, wokenAt, run?.checkpointAt];
  return Math.max(0, ...times.map((text) => Date.parse(text ?? '')).filter((ms) => !Number.isNaN(ms)));
}

/**
 * Ends the live runs of one hub that its document does not name, among its 200 newest ones. Only a damaged or removed document
 * leads to such runs, since the hub document names a run from before the document of the run is written until after that document
 * says how the run ended. Throws what storage throws.
 */
export async function endUnnamedRuns(deps: EndDeps, hub: string): Promise<void> {
  const { documents, log } = deps;
  const live: Run[] = [];
  await concurrently((await listRunIds(documents, hub)).slice(0, maxRunsRead), readConcurrency, async (runId) => {
    const run = await readRun(documents, hub, runId);
    if (run && isLive(run)) live.push(run);
  });
  if (live.length === 0) return;
  // The hub document is read after the runs, so that a run that ended meanwhile is not ended again.
  const { activeRun, queuedRun } = await readHubDocument(documents, hub);
  for (const { runId } of live) {
    if (runId === activeRun?.runId || runId === queuedRun?.runId) continue;
    if (!(await failRun(deps, hub, runId, unnamedReason))) continue;
    log.error('A run that its hub document does not name was ended', { hub, runId });
  }
}
