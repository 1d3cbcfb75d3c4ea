import type { Clock } from '../clock.ts';
import type { Run } from '../run/run.ts';

const minuteMs = 60_000;
/** A rate measured over a shorter time would be random. */
const minMeasureMs = 1_000;
/**
 * The end is estimated only after this time: in the first minute, few creates have been made, but devices that need no change are
 * already counted, so the rate is too high.
 */
const minEstimateMs = minuteMs;

/**
 * Updates the run's `progress`: devices per minute since its listing began, over all slices, and the estimated end at that
 * rate; null within the first minute and while nothing is done.
 */
export function measureProgress(run: Run, clock: Clock): void {
  const elapsedMs = clock.now() - Date.parse(run.checkpoint.listingSince ?? run.startedAt ?? '');
  if (Number.isNaN(elapsedMs) || elapsedMs < minMeasureMs) return;
  const done = devicesDone(run);
  const perMinute = (done / elapsedMs) * minuteMs;
  run.progress.perMinute = Math.round(perMinute * 10) / 10;
  const remaining = Math.max(0, (run.preflight?.devices ?? done) - done);
  const isKnown = elapsedMs >= minEstimateMs && perMinute > 0;
  run.progress.estimatedEnd = isKnown ? new Date(clock.now() + (remaining / perMinute) * minuteMs).toISOString() : null;
}

function devicesDone(run: Run): number {
  return run.counts.devices - new Set(run.checkpoint.todo.map(({ deviceId }) => deviceId)).size;
}
