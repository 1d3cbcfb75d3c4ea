import type { ModuleName } from '../hub/registry.ts';
import { pairKey } from '../reconcile/moduleChange.ts';
import { type DeviceModuleOutcome, outcomeFacts } from '../reconcile/outcome.ts';
import type { ChangeNotes } from '../reconcile/settleSingly.ts';
import { addOne, countOutcome, noCounts } from '../run/counts.ts';
import type { OpenRun } from '../run/openRun.ts';
import { newCheckpoint, type TodoChange } from '../run/run.ts';
import { countPage } from './examinePage.ts';
import type { ReadPage } from './pageReader.ts';

// What a sweep writes into its open run. None of these waits: counts and position must never be saved without each other.

/** A page has been read: counts what it settles, and notes what it lacks as still to do. */
export function takeInPage(openRun: OpenRun, { continuation, examined }: ReadPage): void {
  const { run } = openRun;
  for (const outcome of countPage(run.counts, examined)) openRun.addFailure(outcome);
  const { continuation: _done, ...checkpoint } = run.checkpoint;
  run.checkpoint = {
    ...checkpoint,
    todo: [...checkpoint.todo, ...examined.needed.map(({ twin: _seed, ...stored }) => stored)],
    listed: continuation === undefined,
    ...(continuation === undefined ? {} : { continuation }),
  };
  run.progress.pages += 1;
}

/** Notes for one chunk of a run's todo; `onSettled` hears of outcomes before they are counted. */
export function notesOf(
  openRun: OpenRun,
  chunk: readonly TodoChange[],
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
    lookUpFailed(change, own) {
      for (const todo of matching(chunk, [change])) {
        todo.rounds = (todo.rounds ?? 0) + 1;
        if (own) todo.ownFailures = (todo.ownFailures ?? 0) + 1;
      }
    },
  };
}

function matching(chunk: readonly TodoChange[], names: readonly ModuleName[]): TodoChange[] {
  const keys = new Set(names.map(pairKey));
  return chunk.filter((todo) => keys.has(pairKey(todo)));
}

/** Counts the outcomes of some of a chunk's changes and takes these out of what is still to do. */
function countSettled(openRun: OpenRun, chunk: readonly TodoChange[], outcomes: readonly DeviceModuleOutcome[]): void {
  const { counts, checkpoint } = openRun.run;
  // Pages may name a device twice: each outcome is of one of its copies, and of one that is still to do.
  const todo = new Set(checkpoint.todo);
  const waiting = Map.groupBy(
    chunk.filter((change) => todo.has(change)),
    pairKey,
  );
  const settled = new Set<TodoChange>();
  for (const outcome of outcomes) {
    const change = waiting.get(pairKey(outcome))?.shift();
    if (change) settled.add(change);
    countOutcome(counts, outcome);
    const { reported, changed } = outcomeFacts[outcome.outcome];
    if (reported) openRun.addFailure(outcome);
    if (changed) addOne(checkpoint.changes, outcome.moduleId);
    if (outcome.outcome === 'failed') addOne(checkpoint.failures, outcome.moduleId);
  }
  if (settled.size > 0) checkpoint.todo = checkpoint.todo.filter((change) => !settled.has(change));
}

/** Modules created so far stay, and will count as unchanged; the sums must come from one whole listing. */
export function restartListing(openRun: OpenRun): void {
  const { run } = openRun;
  const { changes, places, restarts } = run.checkpoint;
  run.reason = `The hub refused to go on with the listing after ${run.counts.devices} devices; it was begun anew, and so were the counts.`;
  run.counts = noCounts();
  run.progress.pages = 0;
  run.checkpoint = { ...newCheckpoint(), restarts: restarts + 1, changes, places };
  openRun.forgetFailures();
}
