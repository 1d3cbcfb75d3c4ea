import { type Clock, systemClock } from '../../shared/clock.ts';
import { type Cloud, startCloud } from '../cloud.ts';
import { seedDevices } from '../emulator/state/seedDevices.ts';
import { hubClient } from '../hubClient.ts';
import { repeatableRandom } from '../repeatableRandom.ts';
import { startArrivals } from './arrivals.ts';
import { countsUnlikeHub, readHubTruth } from './hubTruth.ts';
import { KeyLedger } from './keyLedger.ts';
import { killRepeatedly } from './killRepeatedly.ts';
import { endOf, SweepClient, until, WaitTimeoutError } from './sweepClient.ts';

const hubName = 'contoso';
const moduleId = 'DefenderIotMicroAgent';
const meanGapMs = 400;
/** Time until queries show the newest devices: the emulator's index lags by 3 s. */
const indexLagMs = 3_500;

/** One run; see `ChaosOptions`. */
export interface ChaosRunOptions {
  seed: number;
  kills: number;
  devices: number;
  units: number;
  lifeMs: number;
  app: string;
  say(line: string): void;
  onLine?: (line: string) => void;
  clock?: Clock;
}

/** The result of one run. */
export interface ChaosResult {
  seed: number;
  /** Kills before the sweep ended. */
  kills: number;
  /** Devices created while it ran. */
  arrived: number;
  /** Modules that the app created. */
  modulesMade: number;
  /** How many of them a second sweep without kills created. */
  madeByQuietSweep: number;
  /** Requests that the hub refused with 429. */
  throttled: number;
  seconds: number;
  /** Failed checks; empty if the run passed. */
  broken: string[];
}

/**
 * Runs one sweep, kills its host repeatedly while devices are created, and compares the results with the hub itself.
 */
export async function chaosRun(options: ChaosRunOptions): Promise<ChaosResult> {
  const { seed, devices, units, app, onLine } = options;
  const cloud = await startCloud({
    hub: { name: hubName, tier: 'S3', units },
    seed: ({ hub }) => seedDevices(hub, { count: devices, random: repeatableRandom(seed) }),
    app,
    ...(onLine ? { onLine } : {}),
  });
  try {
    return await killAndCheck(cloud, options);
  } catch (error) {
    options.say(`Last log lines of the host:\n${cloud.host.logs().split('\n').slice(-30).join('\n')}`);
    throw error;
  } finally {
    await cloud.close();
  }
}

async function killAndCheck(cloud: Cloud, options: ChaosRunOptions): Promise<ChaosResult> {
  const { seed, say, clock = systemClock } = options;
  const { emulator } = cloud;
  const startedAtMs = clock.now();
  const before = { truth: readHubTruth(emulator.hub, moduleId), made: emulator.counters().modulesCreated };
  const ledger = new KeyLedger(emulator.hub);
  const broken = ledger.look();
  const sweeps = new SweepClient(() => cloud.host.url, hubName);
  const runId = await sweeps.start();
  const client = await hubClient(emulator.connectionString, emulator.caFile);
  const arrivals = startArrivals(client, { clock, random: repeatableRandom(seed + 1), meanGapMs });
  let kills = 0;
  try {
    const afterKill = () => void broken.push(...ledger.look());
    kills = await killRepeatedly(cloud, { ...options, hubName, clock, sweeps, runId, afterKill });
  } finally {
    await arrivals.stop();
    client.close();
  }
  say(`seed ${seed}: ${kills} kills, ${arrivals.count} devices arrived; no more kills`);

  const run = await endOf(sweeps, runId, clock);
  const truth = readHubTruth(emulator.hub, moduleId);
  if (run.status !== 'done') broken.push(`the run ended ${run.status}: ${run.reason}`);
  else broken.push(...countsUnlikeHub(run, truth, arrivals.count));
  // Events sent while no host ran are retried minutes later; every delivered event must have its effect.
  const lacking = () => readHubTruth(emulator.hub, moduleId).lacking.length;
  try {
    const isDone = () => lacking() <= cloud.events.pending;
    await until('every delivered event has led to its module', isDone, { clock, limitMs: 60_000 });
  } catch (error) {
    if (!(error instanceof WaitTimeoutError)) throw error;
    broken.push(error.message);
  }

  const madeBeforeQuiet = emulator.counters().modulesCreated;
  await clock.sleep(indexLagMs);
  const quiet = await endOf(sweeps, await sweeps.start(), clock);
  if (quiet.status !== 'done') broken.push(`the quiet sweep ended ${quiet.status}: ${quiet.reason}`);
  else
    broken.push(
      ...countsUnlikeHub(quiet, readHubTruth(emulator.hub, moduleId), 0).map((line) => `quiet sweep: ${line}`),
    );

  const after = readHubTruth(emulator.hub, moduleId);
  broken.push(...ledger.look(), ...after.lacking.map((deviceId) => `${deviceId} has no module`));
  const counters = emulator.counters();
  const modulesMade = counters.modulesCreated - before.made;
  if (modulesMade !== after.modules - before.truth.modules) {
    broken.push(
      `${modulesMade} modules were created, but the hub has ${after.modules - before.truth.modules} more than before`,
    );
  }
  if (cloud.events.deadLetters.length > 0) broken.push(`${cloud.events.deadLetters.length} events were dead-lettered`);
  return {
    seed,
    kills,
    arrived: arrivals.count,
    modulesMade,
    madeByQuietSweep: counters.modulesCreated - madeBeforeQuiet,
    throttled: counters.throttled,
    seconds: Math.round((clock.now() - startedAtMs) / 1000),
    broken,
  };
}
