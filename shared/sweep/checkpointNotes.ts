import type { Clock } from '../clock.ts';
import type { ModuleName } from '../hub/registry.ts';
import { pairKey, storedChange } from '../reconcile/moduleChange.ts';
import { type DeviceModuleOutcome, outcomeFacts } from '../reconcile/outcome.ts';
import { delayAfterFailuresMs } from '../reconcile/ownFailures.ts';
import { type ChangeNotes, failedOutcome } from '../reconcile/settleSingly.ts';
import { countOutcome, increment, noCounts } from '../run/counts.ts';
import { addCovered } from '../run/coveredPairs.ts';
import { noExemptions } from '../run/exemptionCounts.ts';
import { countHealth } from '../run/healthCounts.ts';
import type { OpenRun } from '../run/openRun.ts';
import { type Checkpoint, newCheckpoint, type TodoChange } from '../run/run.ts';
import { countPage } from './countPage.ts';
import type { ReadPage } from './pageReader.ts';
import { isStopped } from './stopRules.ts';

// How a sweep changes its open run. All functions are synchronous, so that a save never separates counts from position.

/** Counts a page's settled outcomes and exemptions, and adds the changes that it needs to the run's todo at `nowMs`. */
export function addPage(openRun: OpenRun, { continuation, examined }: ReadPage, nowMs: number): void {
  const { run } = openRun;
  for (const outcome of countPage(run.counts, examined)) openRun.addFailure(outcome);
  if (run.checkpoint.covered) addCovered(run.checkpoint.covered, examined.settled);
  for (const exemption of examined.plans.flatMap((plan) => plan.exemptions)) {
    openRun.report('exemptions', exemption);
    if (run.exemptions) run.exemptions[exemption.state] += 1;
  }
  if (run.health) for (const found of examined.health) countHealth(run.health, found);
  const { continuation: _done, ...checkpoint } = run.checkpoint;
  const needed = examined.needed.filter((change) => !isStopped(checkpoint, change));
  run.checkpoint = {
    ...checkpoint,
    todo: [...checkpoint.todo, ...needed.map(storedChange)],
    listed: continuation === undefined,
    pageAt: new Date(nowMs).toISOString(),
    ...(continuation === undefined ? {} : { continuation }),
  };
  run.progress.pages += 1;
}

/** Notes for one chunk of a run's todo; `onSettled` receives outcomes before they are counted. */
export function notesOf(
  openRun: OpenRun,
  chunk: readonly TodoChange[],
  clock: Clock,
  onSettled: (outcomes: readonly DeviceModuleOutcome[]) => void,
): ChangeNotes {
  return {
    settled(outcomes) {
      onSettled(outcomes);
      countSettled(openRun, chunk, outcomes);
    },
    sent(changes) {
      for (const todo of matching(chunk, changes)) todo.asked = true;
    },
    failedOnce(change, error) {
      for (const todo of matching(chunk, [change])) {
        todo.ownFailures = (todo.ownFailures ?? 0) + 1;
        const delayMs = delayAfterFailuresMs(todo.ownFailures);
        if (delayMs === undefined) this.settled([failedOutcome(change, error)]);
        else todo.retryAtMs = clock.now() + delayMs;
      }
    },
  };
}

function matching(chunk: readonly TodoChange[], names: readonly ModuleName[]): TodoChange[] {
  const keys = new Set(names.map(pairKey));
  return chunk.filter((todo) => keys.has(pairKey(todo)));
}

/** Counts the outcomes of some of a chunk's changes and removes these changes from the todo. */
function countSettled(openRun: OpenRun, chunk: readonly TodoChange[], outcomes: readonly DeviceModuleOutcome[]): void {
  const { counts, checkpoint } = openRun.run;
  // Pages may list a device twice: each outcome settles one of its copies that is still in the todo.
  const todo = new Set(checkpoint.todo);
  const unsettled = Map.groupBy(
    chunk.filter((change) => todo.has(change)),
    pairKey,
  );
  const settled = new Set<TodoChange>();
  for (const outcome of outcomes) {
    const change = unsettled.get(pairKey(outcome))?.shift();
    if (change) settled.add(change);
    countOutcome(counts, outcome);
    const { reported, changed } = outcomeFacts[outcome.outcome];
    if (reported) openRun.addFailure(outcome);
    if (changed) increment(checkpoint.changes, outcome.moduleId);
    if (changed && openRun.run.dryRun) openRun.report('changes', outcome);
    if (outcome.outcome === 'failed') increment(checkpoint.failures, outcome.moduleId);
  }
  if (checkpoint.covered) addCovered(checkpoint.covered, outcomes);
  if (settled.size > 0) checkpoint.todo = checkpoint.todo.filter((change) => !settled.has(change));
}

/**
 * Restarts the listing and the counts, because the counts must come from one complete listing with one policy. Modules that the run
 * has created then count as unchanged. `why` is the beginning of the run's new reason; `from` replaces parts of the new checkpoint.
 * The checkpoint keeps `changes`, because `stop.maxChanges` limits the whole run, except in a dry run, which only predicts changes.
 */
export function restartListing(
  openRun: OpenRun,
  why: string,
  from: Pick<Checkpoint, 'restarts' | 'mayRemove'> & Partial<Checkpoint>,
): void {
  const { run } = openRun;
  const { changes, places, hostName, removedParts } = run.checkpoint;
  run.reason = `${why} after ${run.counts.devices} devices; listing and counts were restarted.`;
  run.counts = noCounts();
  run.exemptions = noExemptions();
  run.health = {};
  run.progress.pages = 0;
  run.checkpoint = {
    ...newCheckpoint(),
    hostName,
    removedParts,
    ...from,
    changes: run.dryRun ? {} : changes,
    places,
  };
  openRun.forgetReports();
}
