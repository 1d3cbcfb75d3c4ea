import type { Clock, Random } from '../../shared/clock.ts';
import type { HubLimits } from '../../shared/config/config.ts';
import type { FakeHub, Operation } from './fakeHub.ts';

/** The limit that a call counts against; the same as the operation classes of the app. */
const classOf: Record<Operation, 'registry' | 'queries' | 'twinReads' | 'twinWrites'> = {
  getDevice: 'twinReads',
  hasModule: 'twinReads',
  readModuleTwin: 'twinReads',
  writeModuleTwin: 'twinWrites',
  readModule: 'registry',
  removeModule: 'registry',
  createModule: 'registry',
  createModules: 'registry',
  countDevices: 'registry',
  listDevices: 'queries',
  findModules: 'queries',
  countModules: 'queries',
};

/** Numbers of calls, so that a test can compare the share of refusals with a bound. */
export interface Refusals {
  served: number;
  refused: number;
}

/** The hub throttles with these limits, which the settings of the app may not match: token buckets for one minute. */
export function throttleBy(hub: FakeHub, clock: Clock, limits: HubLimits): Refusals {
  const perMinute = {
    registry: limits.registryOpsPerMinute,
    queries: limits.queriesPerMinute,
    twinReads: limits.twinReadsPerSecond * 60,
    twinWrites: limits.twinWritesPerSecond * 60,
  };
  const buckets = Object.fromEntries(
    Object.entries(perMinute).map(([name, limit]) => [name, { tokens: limit, atMs: clock.now() }]),
  );
  const seen: Refusals = { served: 0, refused: 0 };
  hub.onCall = (operation, deviceIds) => {
    const name = classOf[operation];
    const bucket = buckets[name];
    if (!bucket) throw new TypeError(`no limit for ${name}`);
    const now = clock.now();
    bucket.tokens = Math.min(perMinute[name], bucket.tokens + ((now - bucket.atMs) / 60_000) * perMinute[name]);
    bucket.atMs = now;
    const cost = Math.max(1, deviceIds.length);
    if (bucket.tokens < cost) {
      seen.refused += 1;
      throw hub.error('throttled', { status: 429, code: 'ThrottlingException' });
    }
    bucket.tokens -= cost;
    seen.served += 1;
  };
  return seen;
}

/** From `fromMs` on the clock, for `forMs`, every call fails with this error. */
export function failBetween(
  hub: FakeHub,
  clock: Clock,
  {
    fromMs,
    forMs,
    ...failure
  }: { fromMs: number; forMs: number; kind: 'throttled' | 'unavailable' | 'unauthorized' } & {
    status: number;
    code: string;
  },
): void {
  const { kind, ...more } = failure;
  hub.onCall = () => {
    if (clock.now() >= fromMs && clock.now() < fromMs + forMs) throw hub.error(kind, more);
  };
}

/** A share of all calls fails with HTTP 500 and has no effect. */
export function failByChance(hub: FakeHub, share: number, random: Random): void {
  hub.onCall = () => {
    if (random() < share) throw hub.error('unavailable', { status: 500 });
  };
}

/** A share of all responses is truncated, after the call took effect. */
export function truncateByChance(hub: FakeHub, share: number, random: Random): void {
  hub.afterCall = () => {
    if (random() < share) throw hub.error('unavailable', { status: 200, code: 'ECONNRESET' });
  };
}

/** A share of all calls fails after `hangMs` without a response, before or after it took effect. */
export function hangByChance(hub: FakeHub, clock: Clock, share: number, hangMs: number, random: Random): void {
  const hang = async () => {
    if (random() >= share) return;
    await clock.sleep(hangMs);
    throw hub.error('unavailable', { code: 'ETIMEDOUT' });
  };
  hub.onCall = hang;
  hub.afterCall = hang;
}
