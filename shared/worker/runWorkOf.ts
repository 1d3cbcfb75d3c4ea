import { pauseBy } from '../hub/retryDelay.ts';
import { atOpenWaves, type RolloutStates } from '../policy/rollout.ts';
import { writeHeadroom } from '../run/hubDocument.ts';
import { hasRecentDryRun } from '../run/lastDryRun.ts';
import type { OpenRun } from '../run/openRun.ts';
import { readRun } from '../run/readRuns.ts';
import { readRemoved, removedParts } from '../run/removedModules.ts';
import { readFlappingModules } from '../run/repairs.ts';
import { RunWindows } from '../sweep/runWindows.ts';
import type { RunWork } from '../sweep/runWork.ts';
import { Sweep, type SweepDeps } from '../sweep/sweep.ts';
import { Undo } from '../sweep/undo.ts';
import { runRegistries } from './runRegistries.ts';
import type { RunLoopDeps } from './workerDeps.ts';

/** What a run does: a sweep of its hub, or an undo of another run. Throws what storage throws. */
export async function runWorkOf(
  deps: RunLoopDeps,
  openRun: OpenRun,
  rollouts: RolloutStates | undefined,
): Promise<RunWork> {
  const { hub, undoes } = openRun.run;
  const ofSweep = sweepDeps(deps, openRun, rollouts);
  if (undoes === null) return new Sweep(openRun, ofSweep);
  const { documents } = deps;
  const undone = { hub, runId: undoes };
  const undoneRun = await readRun(documents, hub, undoes);
  return new Undo(openRun, {
    ...ofSweep,
    removed: {
      parts: await removedParts(documents, undone),
      read: (part) => readRemoved(documents, undone, part),
      newestPart: undoneRun?.checkpoint.removedParts ?? 0,
      hostName: undoneRun?.checkpoint.hostName ?? null,
    },
  });
}

function sweepDeps(deps: RunLoopDeps, openRun: OpenRun, rollouts: RolloutStates | undefined): SweepDeps {
  const { ended: signal, cutOff } = deps.signals;
  const { clock, inForce, hub, documents } = deps;
  const { run } = openRun;
  const policy = atOpenWaves(inForce.policy, rollouts);
  const windows = new RunWindows(run.undoes === null ? policy : [], run);
  return {
    ...deps,
    ...runRegistries(deps, openRun, (moduleIds) => windows.throwIfClosed(moduleIds, clock.now())),
    policy,
    origin: inForce,
    signal,
    cutOff,
    pause: pauseBy({ ...deps, signal }),
    hasDryRun: () => hasRecentDryRun(deps, run, { policy: inForce.fingerprint, hostName: hub.hostName }),
    keepRemoved: (modules) => openRun.keepRemoved(modules),
    hasRemoved: async () => (await removedParts(documents, run)).length > 0,
    noteHeadroom: (headroom) => writeHeadroom(documents, hub.name, headroom, new Date(clock.now()).toISOString()),
    flappingModules: () => readFlappingModules(documents, hub.name, clock.now()),
  };
}
