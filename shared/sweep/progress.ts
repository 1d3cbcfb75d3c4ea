import type { Clock } from '../clock.ts';
import type { Run } from '../run/run.ts';

const minuteMs = 60_000;
/** Before so much time has passed a rate would say more about chance than about the hub. */
const shortestMeasureMs = 1_000;

export interface ProgressStart {
  atMs: number;
  devicesDone: number;
}

export function progressStart(run: Run, clock: Clock): ProgressStart {
  return { atMs: clock.now(), devicesDone: devicesDone(run) };
}

/** Writes devices a minute since the slice began, and when at that rate the run will end, into the run. */
export function measureProgress(run: Run, start: ProgressStart, clock: Clock): void {
  const elapsedMs = clock.now() - start.atMs;
  if (elapsedMs < shortestMeasureMs) return;
  const done = devicesDone(run);
  const perMinute = ((done - start.devicesDone) / elapsedMs) * minuteMs;
  run.progress.perMinute = Math.round(perMinute * 10) / 10;
  const left = Math.max(0, (run.preflight?.devices ?? done) - done);
  run.progress.estimatedEnd =
    perMinute > 0 ? new Date(clock.now() + (left / perMinute) * minuteMs).toISOString() : null;
}

function devicesDone(run: Run): number {
  return run.counts.devices - new Set(run.checkpoint.todo.map(({ deviceId }) => deviceId)).size;
}
