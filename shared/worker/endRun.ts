import { countFields } from '../run/counts.ts';
import { sawWholeHub } from '../run/devicesSeen.ts';
import { type HubDocument, updateHubDocument, withoutRun } from '../run/hubDocument.ts';
import { type OpenRun, RunEndedError } from '../run/openRun.ts';
import { readRun } from '../run/readRuns.ts';
import { noteEndedRun } from '../run/recentRuns.ts';
import { recordRunEnded } from '../run/recordRun.ts';
import type { Run } from '../run/run.ts';
import { whyRolloutsAreHeld, withRollouts } from './runRollouts.ts';
import type { RunLoopDeps } from './workerDeps.ts';

type EndDeps = Pick<RunLoopDeps, 'documents' | 'hub' | 'clock' | 'log' | 'telemetry' | 'inForce'>;

/** Writes how the run ended. A run that was cancelled at the same time remains cancelled. Throws as `OpenRun.save`. */
export async function writeEnd(
  deps: EndDeps,
  openRun: OpenRun,
  status: 'done' | 'failed',
  reason: string | null,
): Promise<void> {
  const { clock, log } = deps;
  const { run } = openRun;
  const held = await whyRolloutsAreHeld(deps, { ...run, status });
  const finishedAt = new Date(clock.now()).toISOString();
  const why = [...(reason ? [reason] : []), ...held].join(' ') || null;
  Object.assign(run, { status, reason: why, finishedAt, waitingFor: null });
  run.progress.estimatedEnd = null;
  try {
    await openRun.save();
  } catch (error) {
    if (error instanceof RunEndedError) return;
    throw error;
  }
  const level = status === 'done' ? 'info' : 'error';
  recordRunEnded(deps.telemetry, run);
  log[level]('Run ended', { hub: run.hub, runId: run.runId, status, reason: why, ...countFields(run.counts) });
}

/** Removes the ended run from the hub document, where the queued run becomes active. Throws what storage throws. */
export async function removeEndedRun({ documents, inForce, hub }: EndDeps, runId: string): Promise<void> {
  // Read again, since another process may have ended the run before this worker did.
  const run = await readRun(documents, hub.name, runId);
  if (run) await noteEndedRun(documents, run);
  await updateHubDocument(documents, hub.name, (document) => {
    const after = withoutRun(document, runId) ?? document;
    if (!run || run.finishedAt === null || run.undoes !== null) return after;
    const { dryRun, finishedAt, counts, startedBy, health } = run;
    if (run.status !== 'done') return withRollouts(inForce.policy, after, run, Date.parse(finishedAt));
    // A dry run of an assistant does not allow a removal, since perhaps no person has read its result.
    if (dryRun && startedBy === 'assistant') return after;
    if (dryRun) return withDryRun(after, run, finishedAt);
    const incomplete = sawWholeHub(run) ? {} : { incomplete: true as const };
    const { undoSinceSweep, ...advanced } = withRollouts(inForce.policy, after, run, Date.parse(finishedAt));
    // No sweep runs beside an undo: one that is named here was started after this sweep had ended.
    const hasUndo = after.activeRun?.undoes !== undefined || after.queuedRun?.undoes !== undefined;
    const undone = hasUndo && undoSinceSweep !== undefined ? { undoSinceSweep } : {};
    const agents = health === null ? {} : { health };
    return { ...advanced, ...undone, lastFinishedSweep: { runId, finishedAt, counts, ...incomplete, ...agents } };
  });
}

/**
 * Stores the dry run as `lastDryRun`, which allows a real run to remove modules. Does not store a dry run that has not seen the whole
 * hub, because a real run would remove more than it shows. Nor does it if the next run of the hub is an undo, which creates modules
 * that the dry run has not seen.
 */
function withDryRun(document: HubDocument, run: Run, finishedAt: string): HubDocument {
  const { runId, policy, checkpoint } = run;
  const { hostName } = checkpoint;
  if (policy === null || hostName === null || !sawWholeHub(run) || document.activeRun?.undoes !== undefined)
    return document;
  return { ...document, lastDryRun: { runId, policy, hostName, finishedAt } };
}
