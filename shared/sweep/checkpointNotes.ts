import type { ModuleCreation } from '../hub/registry.ts';
import type { BulkAnswer } from '../reconcile/bulkAnswer.ts';
import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import { pairKey } from '../reconcile/pairKey.ts';
import { addOne, countOutcome, noCounts } from '../run/counts.ts';
import type { OpenRun } from '../run/openRun.ts';
import { newCheckpoint, type TodoModule } from '../run/run.ts';
import { countPage } from './examinePage.ts';
import type { ReadPage } from './pageReader.ts';

// What a sweep does to its run's record. None of these waits: counts and position must never be saved without each other.

/** A page has been read: counts what it settles, and notes what it lacks as still to do. */
export function takeInPage(record: OpenRun, { continuation, examined }: ReadPage): void {
  const { run } = record;
  for (const outcome of countPage(run.counts, examined)) record.addFailure(outcome);
  const { continuation: _done, ...checkpoint } = run.checkpoint;
  run.checkpoint = {
    ...checkpoint,
    todo: [...checkpoint.todo, ...examined.missing.map(({ twin: _seed, ...todo }) => todo)],
    listed: continuation === undefined,
    ...(continuation === undefined ? {} : { continuation }),
  };
  run.progress.pages += 1;
}

/** Counts the outcomes of some of a chunk's modules and takes these out of what is still to do. */
export function countSettled(
  record: OpenRun,
  chunk: readonly TodoModule[],
  outcomes: readonly DeviceModuleOutcome[],
): void {
  const { counts, checkpoint } = record.run;
  // Pages may name a device twice: each outcome is of one of its copies, and of one that is still to do.
  const todo = new Set(checkpoint.todo);
  const open = Map.groupBy(
    chunk.filter((module) => todo.has(module)),
    pairKey,
  );
  const settled = new Set<TodoModule>();
  for (const outcome of outcomes) {
    const module = open.get(pairKey(outcome))?.shift();
    if (module) settled.add(module);
    countOutcome(counts, outcome);
    if (outcome.outcome === 'failed' || outcome.outcome === 'blocked') record.addFailure(outcome);
    if (outcome.outcome === 'created') addOne(checkpoint.changes, outcome.moduleId);
    if (outcome.outcome === 'failed') addOne(checkpoint.failures, outcome.moduleId);
  }
  if (settled.size > 0) checkpoint.todo = checkpoint.todo.filter((module) => !settled.has(module));
}

/** Leaves word, for a slice that ends before they are looked up, that these may have been made by this run. */
export function noteAsked(
  chunk: readonly TodoModule[],
  { open, mayHaveMade }: Pick<BulkAnswer, 'open' | 'mayHaveMade'>,
): void {
  if (!mayHaveMade) return;
  const asked = new Set(open.map(pairKey));
  for (const module of chunk) if (asked.has(pairKey(module))) module.asked = true;
}

/** A round of looking it up has failed; those of all slices count together. */
export function noteRound(chunk: readonly TodoModule[], creation: ModuleCreation, own: boolean): void {
  const key = pairKey(creation);
  for (const module of chunk) {
    if (pairKey(module) !== key) continue;
    module.rounds = (module.rounds ?? 0) + 1;
    if (own) module.ownFailures = (module.ownFailures ?? 0) + 1;
  }
}

/** Modules made so far stay, and will count as unchanged; the sums must come from one whole listing. */
export function beginListingAnew(record: OpenRun): void {
  const { run } = record;
  const { changes, places, restarts } = run.checkpoint;
  run.reason = `The hub refused to go on with the listing after ${run.counts.devices} devices; it was begun anew, and so were the counts.`;
  run.counts = noCounts();
  run.progress.pages = 0;
  run.checkpoint = { ...newCheckpoint(), restarts: restarts + 1, changes, places };
  record.forgetFailures();
}
