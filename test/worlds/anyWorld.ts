import fc from 'fast-check';
import type { FetchRule } from '../support/queueInstance.ts';

const secondMs = 1_000;
const minuteMs = 60_000;
/** Faults begin within this time, and events come. */
const busyMs = 5 * minuteMs;
/** Of a fault that is never over. */
export const forEver = Number.POSITIVE_INFINITY;

/** What a hub does from `fromMs` on, for `forMs`. */
export interface Mood {
  /**
   * `hangs`: no response until the idle timeout. `unavailable`: HTTP 503. `unauthorized`, `forbidden`: it refuses the app.
   * `throttled`: other clients use its limits, so it refuses half of the calls.
   */
  kind: 'healthy' | 'hangs' | 'unavailable' | 'unauthorized' | 'forbidden' | 'throttled';
  fromMs: number;
  forMs: number;
}

/** A device that is created during the run. */
export interface Arrival {
  atMs: number;
  /** Undefined: it stays. */
  deletedAfterMs: number | undefined;
}

export interface HubDraw {
  /** Devices at the beginning. */
  devices: number;
  /** Share of them that have the module. */
  covered: number;
  tier: 'S1' | 'S3';
  /** Under SAS a hub refuses calls on disabled devices. */
  auth: 'sas' | 'entra';
  disabled: number;
  /** Devices that are listed, but were deleted. */
  ghosts: number;
  /** Calls of this kind on the first device always answer 500. */
  ownFailure: 'create' | 'read' | undefined;
  mood: Mood;
  responsesUpToMs: number;
  /** Share of the calls whose response is lost. */
  lostResponses: number;
  /** Paused until then. */
  pausedUntilMs: number | undefined;
  runs: ('real' | 'dry')[];
  /** When its runs are cancelled. */
  cancelledAtMs: number | undefined;
  arrivals: Arrival[];
}

/** An instance ends and another one starts. */
export interface Disturbance {
  atMs: number;
  /**
   * `hostDies`: the wake-ups that it worked on are shown again after ten minutes. `workerDies`: only the Node worker dies, and
   * they are shown after one. `stops`: SIGTERM, with 5 s for what runs.
   */
  kind: 'hostDies' | 'workerDies' | 'stops';
  instance: number;
  backAfterMs: number;
}

/** The system clock is set back by so much, or forward. */
export interface ClockStep {
  atMs: number;
  backByMs: number;
}

/** How much older the times seem that are stored for other processes. */
export const setForwardMs = (steps: readonly ClockStep[]): number =>
  steps.reduce((sum, { backByMs }) => sum + Math.max(0, -backByMs), 0);

/** How much longer the times last that are stored for other processes, and so are of the system clock. */
export const setBackMs = (steps: readonly ClockStep[]): number =>
  steps.reduce((sum, { backByMs }) => sum + Math.max(0, backByMs), 0);

/** A world of hubs and instances of the app. */
export interface WorldDraw {
  /** Of all that happens by chance. */
  seed: number;
  rule: FetchRule;
  sliceMs: number;
  hubs: HubDraw[];
  disturbances: Disturbance[];
  /** Outages of storage; `hangs`: its calls fail only after the longest time that the SDK waits. */
  outages: { fromMs: number; forMs: number; hangs: boolean }[];
  clockSteps: ClockStep[];
  /** When the policy gets a second module; every instance is started anew then. */
  policyChangedAtMs: number | undefined;
  instances: number;
}

const within = (mostMs: number) => fc.integer({ min: 0, max: mostMs });
const rarely = <T>(value: fc.Arbitrary<T>, oneIn: number) =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: oneIn - 1 }, { arbitrary: value, weight: 1 });

const anyMood: fc.Arbitrary<Mood> = fc.record({
  kind: fc.constantFrom<Mood['kind']>(
    ...(['healthy', 'healthy', 'healthy', 'healthy', 'healthy'] as const),
    ...(['hangs', 'unavailable', 'unauthorized', 'forbidden', 'throttled'] as const),
  ),
  fromMs: fc.oneof(fc.constant(0), within(busyMs)),
  forMs: fc.oneof({ arbitrary: within(4 * minuteMs), weight: 3 }, { arbitrary: fc.constant(forEver), weight: 1 }),
});

const anyHub: fc.Arbitrary<HubDraw> = fc.record({
  // Only a hub with more than 100 devices has several pages.
  devices: fc.oneof(
    { arbitrary: fc.integer({ min: 0, max: 60 }), weight: 5 },
    { arbitrary: fc.integer({ min: 100, max: 210 }), weight: 1 },
  ),
  covered: fc.constantFrom(0, 0, 0.4, 1),
  tier: fc.constantFrom('S1', 'S1', 'S3'),
  auth: fc.constantFrom('sas', 'entra'),
  disabled: fc.constantFrom(0, 0, 2),
  ghosts: fc.constantFrom(0, 0, 3),
  ownFailure: rarely(fc.constantFrom('create', 'read'), 5),
  mood: anyMood,
  responsesUpToMs: fc.constantFrom(0, 300, 3_000),
  lostResponses: fc.constantFrom(0, 0, 0.05),
  pausedUntilMs: rarely(fc.oneof(within(busyMs), fc.constant(forEver)), 12),
  runs: fc.constantFrom<HubDraw['runs']>(['real'], ['real'], ['real'], ['dry', 'real'], ['dry'], []),
  cancelledAtMs: rarely(within(4 * minuteMs), 12),
  arrivals: fc.array(fc.record({ atMs: within(busyMs), deletedAfterMs: rarely(within(minuteMs), 6) }), {
    maxLength: 6,
  }),
});

/** Worlds with so many instances. */
export const anyWorld = (instances: number): fc.Arbitrary<WorldDraw> =>
  fc.record({
    seed: fc.integer({ min: 1, max: 1e6 }),
    rule: fc.constantFrom(
      { batchSize: 32, newBatchThreshold: 32 },
      { batchSize: 4, newBatchThreshold: 2 },
      { batchSize: 2, newBatchThreshold: 1 },
      { batchSize: 1, newBatchThreshold: 0 },
    ),
    sliceMs: fc.constantFrom(90, 120, 240).map((seconds) => seconds * secondMs),
    hubs: fc.array(anyHub, { minLength: 1, maxLength: 4 }),
    disturbances: fc.array(
      fc.record({
        atMs: within(busyMs),
        kind: fc.constantFrom<Disturbance['kind']>('hostDies', 'workerDies', 'stops'),
        instance: fc.integer({ min: 0, max: instances - 1 }),
        backAfterMs: within(90 * secondMs),
      }),
      { maxLength: 3 },
    ),
    outages: fc.array(fc.record({ fromMs: within(busyMs), forMs: within(100 * secondMs), hangs: fc.boolean() }), {
      maxLength: 1,
    }),
    clockSteps: fc.array(fc.record({ atMs: within(busyMs), backByMs: fc.integer({ min: -600_000, max: 600_000 }) }), {
      maxLength: 2,
    }),
    policyChangedAtMs: rarely(within(busyMs), 6),
    instances: fc.constant(instances),
  });
