import type { Clock, Random } from '../../shared/clock.ts';
import { systemClock } from '../../shared/clock.ts';
import type { HubLimits, Tier } from '../../shared/config/config.ts';
import { dailyMessages, tierLimits } from '../../shared/config/tierLimits.ts';
import { repeatableRandom } from '../repeatableRandom.ts';
import type { RoleName } from './auth/roles.ts';

/** How the emulator behaves; docs/emulator.md lists all options. */
export interface EmulatorOptions {
  /** The hub's short name, as in events and error texts. */
  name: string;
  /** Default S1. */
  tier?: Tier;
  /** Default 1. */
  units?: number;
  /** Default 0: any free port. */
  port?: number;
  /** Default 127.0.0.1, so that other machines cannot connect. */
  listenAddress?: string;
  /** Real time: tokens are checked against it, and the emulator's own time starts from it. */
  clock?: Clock;
  /** Speed of the emulator's own time (throttles, delays, index, jobs, quota). Default 1. */
  timeScale?: number;
  random?: Random;
  /** Seed of the random numbers if `random` is not given: the same calls then get the same faults in every run. */
  seed?: number;
  /**
   * Delay of the query index. Default 3000: recorded hubs showed a new device after about 3 s, a new module within 5 s.
   */
  queryDelayMs?: number;
  /** How long queries return a deleted identity. Default: `queryDelayMs`. One live hub did so for 25 minutes. */
  ghostMs?: number;
  /** Time until a new identity can be read by id. Default 0; according to Microsoft it may take seconds. */
  readableAfterMs?: number;
  /** Default true. False: no request is delayed or refused because of throttles or the message quota. */
  throttling?: boolean;
  /** Overrides the limits of tier and units. */
  limits?: HubLimits;
  /** Burst of an idle hub, in minutes' worth of operations. Default 2: an S1 hub took 200 identities in 1.8 s. */
  throttleBurstMinutes?: number;
  /** Longest delay of an operation before its 429. Default 40000, seen on one hub. */
  throttleQueueTimeoutMs?: number;
  /** How many operations of one class may wait; more get a 429 at once. Default 1000, a guess. */
  throttleQueueLimit?: number;
  /** Default by tier and units, 400000 on S1 (Microsoft: IoT Hub limits); unlimited if `throttling` is false. */
  messagesPerDay?: number;
  /**
   * What is refused after the daily quota is used up. Microsoft says that requests to the hub fail until the next day, but
   * not which requests. Default `wholeHub`; `chargedOperations` allows operations that cost no messages.
   */
  messageQuotaBlocks?: 'wholeHub' | 'chargedOperations';
  /** How long an import or export job waits before it runs. Default 1500: a recorded export took 3 s in all. */
  jobEnqueuedMs?: number;
  /** Minimum run time of a job. Default 1500. */
  jobRunningMs?: number;
  /**
   * Capacity below `maxIdentities` that import jobs leave free: according to Microsoft, a hub near its limit may refuse
   * imports and still allow single creates. How near is not documented. Default a thousandth of `maxIdentities`, a guess.
   */
  importMarginIdentities?: number;
  /** Roles of the system-assigned identity. Default IoT Hub Data Contributor. */
  entraRoles?: readonly RoleName[];
  /** Maximum of devices and modules together. Default 1000000 (Microsoft: IoT Hub quotas and throttling). */
  maxIdentities?: number;
  /** Default 50 (Microsoft: module twins). */
  maxModulesPerDevice?: number;
  /** Rows of a query page if the request names no size. Default 100; not documented for hubs. */
  defaultPageRows?: number;
  /** Largest query page. Default 1000. Microsoft's pages say 1000 in 2016 and 100 from about 2018. */
  maxPageRows?: number;
  /**
   * Default true: a continuation token used with another page size than the page before is refused. A Microsoft developer
   * wrote that hubs expect the original sizes; not proven on a hub.
   */
  fixedPageSize?: boolean;
  /** Default 8388608, enough for 100 identities with full twins; not documented for hubs. */
  maxBodyBytes?: number;
}

/** The options with all defaults. */
export type EmulatorSettings = Required<Omit<EmulatorOptions, 'seed'>> & { seed: number | undefined };

const namePattern = /^[A-Za-z0-9](?:[A-Za-z0-9-]{1,48}[A-Za-z0-9])$/;

/** Fills in the defaults. Throws a `RangeError` that says what to change if an option is invalid. */
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
    fixedPageSize: options.fixedPageSize ?? true,
    maxBodyBytes: options.maxBodyBytes ?? 8 * 1024 * 1024,
  };
  for (const [option, value] of Object.entries(settings)) {
    if (typeof value === 'number' && !(value >= 0))
      throw new RangeError(`${option} must be a number from 0 up, not ${value}`);
  }
  return settings;
}
