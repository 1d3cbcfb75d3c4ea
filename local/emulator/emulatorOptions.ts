import type { Clock, Random } from '../../shared/clock.ts';
import { systemClock } from '../../shared/clock.ts';
import type { HubLimits, Tier } from '../../shared/config/config.ts';
import { dailyMessages, tierLimits } from '../../shared/config/tierLimits.ts';
import { repeatableRandom } from '../repeatableRandom.ts';
import type { RoleName } from './auth/roles.ts';

export interface EmulatorOptions {
  /** The hub's short name, as its events and error texts carry it. */
  name: string;
  /** Default S1. */
  tier?: Tier;
  /** Default 1. */
  units?: number;
  /** Default 0: any free one. */
  port?: number;
  /** Default 127.0.0.1, so that no other machine reaches it. */
  listenAddress?: string;
  /** The time that tokens are checked against, and that the emulator's own time starts from. */
  clock?: Clock;
  /** How many times as fast the emulator's time goes: throttles, delays, index, jobs, quota. Default 1. */
  timeScale?: number;
  random?: Random;
  /** Where random numbers begin, when `random` is not given: the same calls then meet the same faults in each run. */
  seed?: number;
  /** How late queries see a change. Default 3000: recorded hubs showed a new device after about 3 s, a new module within 5 s. */
  queryDelayMs?: number;
  /** How long queries go on returning a deleted identity. Default: as `queryDelayMs`. One live hub did so for 25 minutes. */
  ghostMs?: number;
  /** A new identity can be read by id only after this time. Default 0; Microsoft speaks of seconds. */
  readableAfterMs?: number;
  /** Default true. Off, nothing is held back or refused for what it costs. */
  throttling?: boolean;
  /** Replaces what tier and units allow. */
  limits?: HubLimits;
  /** How many minutes' worth an idle hub serves at once. Default 2: an S1 hub was seen to take 200 identities in 1.8 s. */
  throttleBurstMinutes?: number;
  /** How long an operation is held back at most before its 429. Default 40000, seen on one hub. */
  throttleQueueTimeoutMs?: number;
  /** How many operations of one class may wait; more get a 429 at once. Default 1000, a guess. */
  throttleQueueLimit?: number;
  /** Default by tier and units, 400000 on S1 (Microsoft: IoT Hub limits); without end when `throttling` is off. */
  messagesPerDay?: number;
  /**
   * What is refused once the day's messages are used up. Microsoft says that requests to the hub fail until the next day, not
   * which; default `wholeHub`. `chargedOperations` lets pass what costs no messages.
   */
  messageQuotaBlocks?: 'wholeHub' | 'chargedOperations';
  /** How long an import or export job waits before it runs. Default 1500: a recorded export took 3 s in all. */
  jobEnqueuedMs?: number;
  /** How long a job runs at least. Default 1500. */
  jobRunningMs?: number;
  /**
   * How many places under `maxIdentities` import jobs leave free: Microsoft says that imports may be refused near the cap
   * while single creates are not, but not how near. Default a thousandth, a guess.
   */
  importMarginIdentities?: number;
  /** Roles of the system-assigned identity that the token endpoint speaks for. Default IoT Hub Data Contributor. */
  entraRoles?: readonly RoleName[];
  /** Devices and modules together. Default 1000000 (Microsoft: IoT Hub quotas and throttling). */
  maxIdentities?: number;
  /** Default 50 (Microsoft: module twins). */
  maxModulesPerDevice?: number;
  /** Rows of a query page when the request does not say. Default 100; what hubs do is not documented. */
  defaultPageRows?: number;
  /** Default 1000. Microsoft's pages say 1000 in 2016 and 100 from about 2018; take what comes. */
  maxPageRows?: number;
  /** Default 8388608: 100 identities with full twins fit. What hubs take is not documented. */
  maxBodyBytes?: number;
}

/** The options with their defaults in place. */
export type EmulatorSettings = Required<Omit<EmulatorOptions, 'seed'>> & { seed: number | undefined };

const namePattern = /^[A-Za-z0-9](?:[A-Za-z0-9-]{1,48}[A-Za-z0-9])$/;

/** Fills in the defaults. Throws a RangeError that says what to change when an option makes no sense. */
export function withDefaults(options: EmulatorOptions): EmulatorSettings {
  const { name, tier = 'S1', units = 1, queryDelayMs = 3000, throttling = true, maxIdentities = 1_000_000 } = options;
  if (!namePattern.test(name)) {
    throw new RangeError('The hub name must be 3 to 50 letters, digits or hyphens, with no hyphen at either end');
  }
  const settings: EmulatorSettings = {
    name,
    tier,
    units,
    queryDelayMs,
    port: options.port ?? 0,
    listenAddress: options.listenAddress ?? '127.0.0.1',
    clock: options.clock ?? systemClock,
    timeScale: options.timeScale ?? 1,
    random: options.random ?? (options.seed === undefined ? Math.random : repeatableRandom(options.seed)),
    seed: options.seed,
    ghostMs: options.ghostMs ?? queryDelayMs,
    readableAfterMs: options.readableAfterMs ?? 0,
    throttling,
    limits: options.limits ?? tierLimits(tier, units),
    throttleBurstMinutes: options.throttleBurstMinutes ?? 2,
    throttleQueueTimeoutMs: options.throttleQueueTimeoutMs ?? 40_000,
    throttleQueueLimit: options.throttleQueueLimit ?? 1000,
    messagesPerDay: options.messagesPerDay ?? (throttling ? dailyMessages(tier, units) : Number.POSITIVE_INFINITY),
    messageQuotaBlocks: options.messageQuotaBlocks ?? 'wholeHub',
    jobEnqueuedMs: options.jobEnqueuedMs ?? 1500,
    jobRunningMs: options.jobRunningMs ?? 1500,
    importMarginIdentities: options.importMarginIdentities ?? Math.ceil(maxIdentities / 1000),
    entraRoles: options.entraRoles ?? ['IoT Hub Data Contributor'],
    maxIdentities,
    maxModulesPerDevice: options.maxModulesPerDevice ?? 50,
    defaultPageRows: options.defaultPageRows ?? 100,
    maxPageRows: options.maxPageRows ?? 1000,
    maxBodyBytes: options.maxBodyBytes ?? 8 * 1024 * 1024,
  };
  for (const [option, value] of Object.entries(settings)) {
    if (typeof value === 'number' && !(value >= 0))
      throw new RangeError(`${option} must be a number from 0 up, not ${value}`);
  }
  return settings;
}
