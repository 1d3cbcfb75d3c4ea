import type { Clock } from '../clock.ts';
import type { Run } from '../run/run.ts';

const minuteMs = 60_000;
/** A rate measured over a shorter time would be random. */
const minMeasureMs = 1_000;

/** The time and the number of devices done from which a rate is measured. */
export interface ProgressStart {
  atMs: number;
  devicesDone: number;
}

/** The start of a measurement, now. */
export function progressStart(run: Run, clock: Clock): ProgressStart {
  return { atMs: clock.now(), devicesDone: devicesDone(run) };
}

/** Updates the run's `progress`: devices per minute since `start`, and the estimated end at that rate. */
export function measureProgress(run: Run, start: ProgressStart, clock: Clock): void {
  const elapsedMs = clock.now() - start.atMs;
  if (elapsedMs < minMeasureMs) return;
  const done = devicesDone(run);
  const perMinute = ((done - start.devicesDone) / elapsedMs) * minuteMs;
  run.progress.perMinute = Math.round(perMinute * 10) / 10;
  const remaining = Math.max(0, (run.preflight?.devices ?? done) - done);
  run.progress.estimatedEnd =
    perMinute > 0 ? new Date(clock.now() + (remaining / perMinute) * minuteMs).toISOString() : null;
}

function devicesDone(run: Run): number {
  return run.counts.devices - new Set(run.checkpoint.todo.map(({ deviceId }) => deviceId)).size;
}
