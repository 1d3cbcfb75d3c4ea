import type { Random } from '../../../shared/clock.ts';
import { requireObject } from '../wire/bodyFields.ts';
import { argumentInvalid } from '../wire/refusals.ts';

/**
 * Distribution of response delays in milliseconds, drawn for each call: a fixed value; uniform between two bounds;
 * lognormal with the given median and 99th percentile; or measured percentiles (0 to 100) with linear interpolation.
 */
export type LatencyMs =
  | { kind: 'fixed'; ms: number }
  | { kind: 'uniform'; fromMs: number; toMs: number }
  | { kind: 'lognormal'; p50Ms: number; p99Ms: number }
  | { kind: 'percentiles'; points: readonly (readonly [percent: number, ms: number])[] };

/** The 99th percentile of the standard normal distribution. */
const z99 = 2.326_347_874;
/** Upper limit of a single delay, one hour: a lognormal draw has no limit of its own. */
const maxMs = 3_600_000;

/** Draws one delay. Calls `random` twice for `lognormal`, never for `fixed`, once for the others. */
export function drawLatencyMs(latency: LatencyMs, random: Random): number {
  switch (latency.kind) {
    case 'fixed':
      return latency.ms;
    case 'uniform':
      return latency.fromMs + random() * (latency.toMs - latency.fromMs);
    case 'lognormal': {
      const sigma = Math.log(latency.p99Ms / latency.p50Ms) / z99;
      return Math.min(maxMs, latency.p50Ms * Math.exp(sigma * drawNormal(random)));
    }
    case 'percentiles':
      return percentileMs(latency.points, random() * 100);
  }
}

/** Box-Muller transform. */
function drawNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}

function percentileMs(points: readonly (readonly [number, number])[], percent: number): number {
  let [lowerPercent, lowerMs] = points[0] ?? [0, 0];
  for (const [upperPercent, upperMs] of points) {
    if (percent <= upperPercent) {
      const share = upperPercent === lowerPercent ? 1 : (percent - lowerPercent) / (upperPercent - lowerPercent);
      return lowerMs + Math.max(0, share) * (upperMs - lowerMs);
    }
    [lowerPercent, lowerMs] = [upperPercent, upperMs];
  }
  return lowerMs;
}

/**
 * Reads `delayMs` of a fault rule: `200`, `{"from":50,"to":500}`, `{"p50":135,"p99":1200}` (lognormal) or
 * `{"percentiles":{"50":135,"90":1200,"100":3200}}`. Throws a 400 refusal for anything else.
 */
export function readLatency(value: unknown): LatencyMs {
  if (typeof value === 'number') return { kind: 'fixed', ms: readMs(value, 'delayMs') };
  const { from, to, p50, p99, percentiles } = requireObject(value, 'delayMs that is not a number');
  if (percentiles !== undefined) return { kind: 'percentiles', points: readPercentiles(percentiles) };
  if (p50 !== undefined || p99 !== undefined) {
    const [p50Ms, p99Ms] = [readMs(p50, 'delayMs.p50'), readMs(p99, 'delayMs.p99')];
    if (p50Ms <= 0 || p99Ms < p50Ms) throw argumentInvalid('delayMs.p50 must be above 0 and delayMs.p99 not below it');
    return { kind: 'lognormal', p50Ms, p99Ms };
  }
  const [fromMs, toMs] = [readMs(from, 'delayMs.from'), readMs(to, 'delayMs.to')];
  if (toMs < fromMs) throw argumentInvalid('delayMs.to must not be below delayMs.from');
  return { kind: 'uniform', fromMs, toMs };
}

function readPercentiles(value: unknown): (readonly [number, number])[] {
  const points = Object.entries(requireObject(value, 'delayMs.percentiles'))
    .map(([percent, ms]) => [Number(percent), readMs(ms, `delayMs.percentiles.${percent}`)] as const)
    .sort(([left], [right]) => left - right);
  const isGood = points.every(
    ([percent, ms], at) => percent >= 0 && percent <= 100 && ms >= (points[at - 1]?.[1] ?? 0),
  );
  if (points.length === 0 || !isGood) {
    throw argumentInvalid('delayMs.percentiles must map numbers from 0 to 100 to delays that do not decrease');
  }
  return points;
}

function readMs(value: unknown, what: string): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= maxMs)) {
    throw argumentInvalid(`${what} must be a number of milliseconds from 0 to ${maxMs}`);
  }
  return value;
}
