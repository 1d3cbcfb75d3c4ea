import { forEver, type HubDraw, type WorldDraw } from './anyWorld.ts';

const minuteMs = 60_000;
/** A hub that never serves again is watched for so long. */
const sickMs = 6 * minuteMs;

/** A minute after the last fault is over and the last event has come. */
export function busyUntilMs(draw: WorldDraw): number {
  const { hubs, disturbances, outages, clockSteps, policyChangedAtMs = 0 } = draw;
  const ends = [
    ...hubs.map(endOf),
    ...disturbances.map(({ atMs, backAfterMs }) => atMs + backAfterMs),
    ...outages.map(({ fromMs, forMs }) => fromMs + forMs),
    ...clockSteps.map(({ atMs }) => atMs),
  ];
  return Math.max(policyChangedAtMs, ...ends) + minuteMs;
}

function endOf({ mood: { fromMs, forMs }, pausedUntilMs = 0, cancelledAtMs = 0, arrivals }: HubDraw): number {
  return Math.max(
    fromMs + (forMs === forEver ? sickMs : forMs),
    pausedUntilMs === forEver ? 0 : pausedUntilMs,
    cancelledAtMs,
    ...arrivals.map(({ atMs, deletedAfterMs = 0 }) => atMs + deletedAfterMs),
  );
}
