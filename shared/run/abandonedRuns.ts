import type { Clock } from '../clock.ts';
import { concurrently } from '../concurrently.ts';
import type { Documents } from '../storage/documents.ts';
import type { Log } from '../telemetry/log.ts';
import { type HubDocument, readHubDocument } from './hubDocument.ts';
import { listRunIds, readRun } from './readRuns.ts';
import { isLive, type Run } from './run.ts';
import { failRun } from './runStore.ts';

// Runs that no worker will ever end, because no hub of the settings leads to them.

interface EndDeps {
  documents: Documents;
  clock: Clock;
  log: Log;
}

/**
 * A hub that is not in the settings may be one of another app on the same storage account, whose watch or worker leaves a sign
 * every few minutes while the hub has work.
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

/** When a run was requested, a slice began, the watch sent a wake-up, or a checkpoint was written, whatever was last. */
async function lastSignMs(documents: Documents, hub: string, document: HubDocument): Promise<number> {
  const { activeRun, queuedRun, wokenAt } = document;
  const run = activeRun && (await readRun(documents, hub, activeRun.runId));
  const times = [activeRun?.requestedAt, queuedRun?.requestedAt, wokenAt, run?.checkpointAt];
  return Math.max(0, ...times.map((text) => Date.parse(text ?? '')).filter((ms) => !Number.isNaN(ms)));
}

/**
 * Ends the live runs of one hub that its document does not name, among its 200 newest ones. Only a damaged or removed document
 * makes such runs, since a run is named before its own document is written and until that says how it ended. Throws what
 * storage throws.
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
