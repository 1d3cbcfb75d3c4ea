import type { Policy } from '../policy/moduleSpec.ts';
import { hasRollout, type RolloutStates } from '../policy/rollout.ts';
import { sawWholeHub } from '../run/devicesSeen.ts';
import { type HubDocument, readHubDocument } from '../run/hubDocument.ts';
import type { Run } from '../run/run.ts';
import { afterRun, type RolloutStep } from '../run/waveCounts.ts';
import type { RunLoopDeps } from './workerDeps.ts';

// Changes the rollouts of a hub at the end of a run.

/**
 * Logs what happened to each rollout at the end of a run. Returns why rollouts are held, as sentences for the reason of the run. Throws
 * what storage throws.
 */
export async function whyRolloutsAreHeld(
  { documents, hub, log, clock, inForce }: Pick<RunLoopDeps, 'documents' | 'hub' | 'log' | 'clock' | 'inForce'>,
  run: Run,
): Promise<string[]> {
  if (!hasRollout(inForce.policy)) return [];
  const { rollouts } = await readHubDocument(documents, hub.name);
  const notes = rolloutStep(inForce.policy, rollouts, run, clock.now())?.notes ?? [];
  for (const { moduleId, what, wave, text } of notes) {
    const fields = { hub: hub.name, runId: run.runId, moduleId, wave, reason: text };
    if (what === 'held') log.warn('A rollout is held', fields);
    else log.info(what === 'done' ? 'A wave of a rollout is done' : 'The next wave of a rollout is open', fields);
  }
  return notes.filter(({ what }) => what === 'held').map(({ text }) => text);
}

/**
 * The hub document with the rollouts after a run. When the next wave of a removal begins, the last dry run no longer counts, because it
 * did not list the devices of that wave.
 */
export function withRollouts(policy: Policy, document: HubDocument, run: Run, nowMs: number): HubDocument {
  const step = rolloutStep(policy, document.rollouts, run, nowMs);
  if (!step) return document;
  const { lastDryRun, rollouts: _before, ...rest } = document;
  const removes = (moduleId: string) => policy.some((spec) => spec.moduleId === moduleId && spec.ensure === 'absent');
  const removesMore = step.notes.some(({ what, moduleId }) => what === 'opened' && removes(moduleId));
  return {
    ...rest,
    ...(Object.keys(step.rollouts).length > 0 ? { rollouts: step.rollouts } : {}),
    ...(lastDryRun && !removesMore ? { lastDryRun } : {}),
  };
}

/** Undefined if the run says nothing about waves. */
function rolloutStep(
  policy: Policy,
  states: RolloutStates | undefined,
  run: Run,
  nowMs: number,
): RolloutStep | undefined {
  if (run.dryRun || run.undoes !== null || !wentToItsEnd(run) || !sawWholeHub(run)) return undefined;
  if (!hasRollout(policy) && states === undefined) return undefined;
  const { waves: counts, stopped, listingSince } = run.checkpoint;
  return afterRun(policy, states, { counts, stopped, listingSince }, nowMs);
}

/** Whether the run is done, except for modules that it left out: their rollouts are held, those of the others continue. */
function wentToItsEnd({ status, checkpoint: { stopped, listed, todo } }: Run): boolean {
  return status === 'done' || (status === 'failed' && Object.keys(stopped).length > 0 && listed && todo.length === 0);
}
