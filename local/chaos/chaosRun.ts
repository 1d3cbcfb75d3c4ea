import { type Clock, systemClock } from '../../shared/clock.ts';
import { type Cloud, startCloud } from '../cloud.ts';
import { seedDevices } from '../emulator/state/seedDevices.ts';
import { hubClient } from '../hubClient.ts';
import { repeatableRandom } from '../repeatableRandom.ts';
import { startArrivals } from './arrivals.ts';
import { differingCounts, readHubContent } from './hubContent.ts';
import { killRepeatedly } from './killRepeatedly.ts';
import { ModuleKeyCheck } from './moduleKeyCheck.ts';
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
  /** Instances of the app; each kill ends all of them. */
  instances: number;
  app: string;
  writeLine(line: string): void;
  onLine?: (line: string) => void;
  clock?: Clock;
}

/** The result of one run. */
export interface ChaosResult {
  seed: number;
  /** Kills before the sweep ended. */
  kills: number;
  /** Number of devices that were created during the chaos run. */
  arrived: number;
  /** Modules that the app created. */
  modulesMade: number;
  /** How many of them a second sweep without kills created. */
  madeByQuietSweep: number;
  /** Requests that the hub refused with 429. */
  throttled: number;
  seconds: number;
  /** Failed checks; empty if the run passed. */
  failedChecks: string[];
}

/**
 * Runs one sweep, kills the hosts of all instances repeatedly while devices are created, and compares the results with the hub
 * itself.
 */
export async function chaosRun(options: ChaosRunOptions): Promise<ChaosResult> {
  const { seed, devices, units, app, instances, onLine } = options;
  const cloud = await startCloud({
    hub: { name: hubName, tier: 'S3', units },
    seed: ({ hub }) => seedDevices(hub, { count: devices, random: repeatableRandom(seed) }),
    app,
    instances,
    ...(onLine ? { onLine } : {}),
  });
  try {
    return await killAndCheck(cloud, options);
  } catch (error) {
    options.writeLine(`Last log lines of the host:\n${cloud.host.logs().split('\n').slice(-30).join('\n')}`);
    throw error;
  } finally {
    await cloud.close();
  }
}

async function killAndCheck(cloud: Cloud, options: ChaosRunOptions): Promise<ChaosResult> {
  const { seed, writeLine, clock = systemClock } = options;
  const { emulator } = cloud;
  const startedAtMs = clock.now();
  const before = { content: readHubContent(emulator.hub, moduleId), made: emulator.counters().modulesCreated };
  const keyCheck = new ModuleKeyCheck(emulator.hub);
  const failedChecks = keyCheck.check();
  const sweeps = new SweepClient(() => cloud.host.url, hubName);
  const runId = await sweeps.start();
  const client = await hubClient(emulator.connectionString, emulator.caFile);
  const arrivals = startArrivals(client, { clock, random: repeatableRandom(seed + 1), meanGapMs });
  let kills = 0;
  try {
    const afterKill = () => void failedChecks.push(...keyCheck.check());
    kills = await killRepeatedly(cloud, { ...options, hubName, clock, sweeps, runId, afterKill });
  } finally {
    await arrivals.stop();
    client.close();
  }
  writeLine(`seed ${seed}: ${kills} kills, ${arrivals.count} devices arrived; no more kills`);

  const run = await endOf(sweeps, runId, clock);
  const content = readHubContent(emulator.hub, moduleId);
  if (run.status !== 'done') failedChecks.push(`the run ended ${run.status}: ${run.reason}`);
  else failedChecks.push(...differingCounts(run, content, arrivals.count));
  // Events sent while no host ran are retried minutes later; every delivered event must have its effect.
  const lacking = () => readHubContent(emulator.hub, moduleId).lacking.length;
  try {
    const isDone = () => lacking() <= cloud.events.pending;
    await until('every delivered event has led to its module', isDone, { clock, limitMs: 300_000 });
  } catch (error) {
    if (!(error instanceof WaitTimeoutError)) throw error;
    failedChecks.push(error.message);
  }

  const madeBeforeQuiet = emulator.counters().modulesCreated;
  await clock.sleep(indexLagMs);
  const quiet = await endOf(sweeps, await sweeps.start(), clock);
  if (quiet.status !== 'done') failedChecks.push(`the quiet sweep ended ${quiet.status}: ${quiet.reason}`);
  else
    failedChecks.push(
      ...differingCounts(quiet, readHubContent(emulator.hub, moduleId), 0).map((line) => `quiet sweep: ${line}`),
    );

  const after = readHubContent(emulator.hub, moduleId);
  failedChecks.push(...keyCheck.check(), ...after.lacking.map((deviceId) => `${deviceId} has no module`));
  const counters = emulator.counters();
  const modulesMade = counters.modulesCreated - before.made;
  if (modulesMade !== after.modules - before.content.modules) {
    failedChecks.push(
      `${modulesMade} modules were created, but the hub has ${after.modules - before.content.modules} more than before`,
    );
  }
  if (cloud.events.deadLetters.length > 0)
    failedChecks.push(`${cloud.events.deadLetters.length} events were dead-lettered`);
  return {
    seed,
    kills,
    arrived: arrivals.count,
    modulesMade,
    madeByQuietSweep: counters.modulesCreated - madeBeforeQuiet,
    throttled: counters.throttled,
    seconds: Math.round((clock.now() - startedAtMs) / 1000),
    failedChecks,
  };
}
