import type { HubState } from '../api/statusSchemas.ts';
import type { HubDocument } from '../run/hubDocument.ts';
import type { RunBrief } from '../run/recentRuns.ts';

const dayMs = 24 * 3600 * 1000;
/** Only the device counts of runs in this time are used. */
const windowMs = 30 * dayMs;
/** The shortest time between the first and the last run: in less than a week the day of the week counts more than the pace. */
const shortestSpanMs = 7 * dayMs;
const fewestRuns = 5;
/** A later day is not returned, because no operator plans ten years ahead. */
const furthestMs = 10 * 365 * dayMs;

/**
 * The day on which the headroom of a hub is used up if devices are added at the pace of its last runs, each with `modules` modules.
 * Null if the hub is nearly full already or does not grow, or if the runs are too few to tell. Modules that a backfill creates do not count as pace: only the number of devices does.
 */
export function whenFull(
  { headroom, fullSince }: Pick<HubDocument, 'headroom' | 'fullSince'>,
  runs: readonly Pick<RunBrief, 'startedAt' | 'devicesAtStart'>[],
  modules: number,
  nowMs: number,
): HubState['full'] {
  if (!headroom || fullSince !== undefined || Number.isNaN(Date.parse(headroom.countedAt))) return null;
  const points = runs.flatMap(({ startedAt, devicesAtStart: devices }) => {
    const atMs = Date.parse(startedAt ?? '');
    return devices === null || Number.isNaN(atMs) || nowMs - atMs > windowMs ? [] : [{ atMs, devices }];
  });
  const times = points.map(({ atMs }) => atMs);
  const [firstMs, lastMs] = [Math.min(...times), Math.max(...times)];
  if (points.length < fewestRuns || lastMs - firstMs < shortestSpanMs) return null;
  const devicesPerDay = slope(points) * dayMs;
  if (devicesPerDay <= 0) return null;
  const leftMs = (headroom.places / (devicesPerDay * (1 + modules))) * dayMs;
  const onMs = Math.max(nowMs, Date.parse(headroom.countedAt) + leftMs);
  if (onMs - nowMs > furthestMs) return null;
  return {
    on: new Date(onMs).toISOString().slice(0, 10),
    devicesPerDay: Math.round(devicesPerDay * 10) / 10,
    measuredFrom: new Date(firstMs).toISOString(),
    measuredTo: new Date(lastMs).toISOString(),
  };
}

/** New devices per millisecond, by least squares. */
function slope(points: readonly { atMs: number; devices: number }[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanAt, meanDevices] = [mean(points.map(({ atMs }) => atMs)), mean(points.map(({ devices }) => devices))];
  let [above, below] = [0, 0];
  for (const { atMs, devices } of points) {
    above += (atMs - meanAt) * (devices - meanDevices);
    below += (atMs - meanAt) ** 2;
  }
  return above / below;
}
