import { BlobServiceClient } from '@azure/storage-blob';
import { systemClock } from '../../shared/clock.ts';
import { type Cloud, startCloud } from '../cloud.ts';
import { seedDevices } from '../emulator/state/seedDevices.ts';
import { type HubClient, hubClient } from '../hubClient.ts';
import { repeatableRandom } from '../repeatableRandom.ts';
import { SweepClient, until } from './sweepClient.ts';

const hubName = 'contoso';
/** So many that, with the grant of an S1 unit (50 modules a minute), neither the sweep nor the burst ends during the measurement. */
const devices = 1_000;
const burstDevices = 200;
/** Longer than the five minutes between two runs of `watchHubs`. */
const limitMs = 400_000;

/** How long a hub was without a working worker after its worker was killed, in seconds. */
export interface Takeover {
  killedIn: 'sweep' | 'burst of events';
  /** From the kill to the next module that the app creates. */
  standstillSeconds: number;
  /** From the expiry of the dead worker's lease to the next lease. */
  afterLeaseSeconds: number;
}

/** What a measurement needs. */
export interface TakeoverOptions {
  app: string;
  /** Time from the first module to the kill. */
  lifeMs: number;
  writeLine(line: string): void;
  onLine?: (line: string) => void;
}

/**
 * Kills the only host with `kill -9` while its worker works, once in a sweep and once in a burst of events, starts another host at
 * once, and measures how long the hub is without work. Leases, queues and timers are real; `watchHubs` is disabled.
 */
export async function measureTakeovers(options: TakeoverOptions): Promise<Takeover[]> {
  const results: Takeover[] = [];
  for (const killedIn of ['sweep', 'burst of events'] as const) {
    const result = await measureOne(killedIn, options);
    options.writeLine(JSON.stringify(result));
    results.push(result);
  }
  return results;
}

async function measureOne(killedIn: Takeover['killedIn'], options: TakeoverOptions): Promise<Takeover> {
  const { app, lifeMs, onLine } = options;
  const cloud = await startCloud({
    hub: { name: hubName, tier: 'S1', units: 1 },
    seed: ({ hub }) => seedDevices(hub, { count: killedIn === 'sweep' ? devices : 0, random: repeatableRandom(1) }),
    app,
    settings: { 'AzureWebJobs.watchHubs.Disabled': 'true' },
    ...(onLine ? { onLine } : {}),
  });
  const client = await hubClient(cloud.emulator.connectionString, cloud.emulator.caFile);
  try {
    if (killedIn === 'sweep') await new SweepClient(() => cloud.host.url, hubName).start();
    else await createAtOnce(client);
    return await killAndMeasure(cloud, killedIn, lifeMs);
  } finally {
    client.close();
    await cloud.close();
  }
}

async function createAtOnce(client: HubClient): Promise<void> {
  await Promise.all(Array.from({ length: burstDevices }, (_, index) => client.createDevice(`burst-${index}`)));
}

async function killAndMeasure(cloud: Cloud, killedIn: Takeover['killedIn'], lifeMs: number): Promise<Takeover> {
  const clock = systemClock;
  const made = () => cloud.emulator.counters().modulesCreated;
  const isLeased = () => isLeaseHeld(cloud.storageConnectionString);
  await until('a worker holds the lease', isLeased, { clock, limitMs });
  const before = made();
  await until('the worker has created a module', () => made() > before, { clock, limitMs });
  await clock.sleep(lifeMs);
  const killedAtMs = clock.now();
  await cloud.restartHosts(); // kills it first
  const madeByDead = made();
  await until('the lease of the dead worker has expired', async () => !(await isLeased()), { clock, limitMs });
  const expiredAtMs = clock.now();
  await until('another worker holds the lease', isLeased, { clock, limitMs });
  const takenAtMs = clock.now();
  await until('the next module is created', () => made() > madeByDead, { clock, limitMs });
  const seconds = (ms: number) => Math.round(ms / 100) / 10;
  return {
    killedIn,
    standstillSeconds: seconds(clock.now() - killedAtMs),
    afterLeaseSeconds: seconds(takenAtMs - expiredAtMs),
  };
}

async function isLeaseHeld(storageConnectionString: string): Promise<boolean> {
  const container = BlobServiceClient.fromConnectionString(storageConnectionString).getContainerClient('module-keeper');
  const blob = container.getBlobClient(`leases/${hubName}`);
  return (await blob.exists()) && (await blob.getProperties()).leaseState === 'leased';
}
