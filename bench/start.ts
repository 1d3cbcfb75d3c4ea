import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAzurite } from '../local/azurite/startAzurite.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { percentile } from './percentile.ts';
import { buildStartApps } from './start/buildApps.ts';
import { type Start, startToEnd, startToHubCall } from './start/startOnce.ts';
import { startStubs } from './start/stubs.ts';
import { benchSize } from './worker/benchSize.ts';
import { deviceCreatedAt } from './worker/deviceCreatedAt.ts';

// The goals in docs/benchmarks.md.
const maxMs = 400;
const maxShareOfEager = 0.5;

const defaultRounds = 15;
const deviceId = 'pump-1';

/** A cold start: from the start of a process to its first call to the hub, for one event, with telemetry. */
export const startBenchmark: Benchmark = {
  name: 'start',
  summary:
    'process start to the first call to the hub, compared with the app unbundled and eager, and with an empty timer',
  run: async (say) => {
    const rounds = Math.ceil(defaultRounds * benchSize(process.env.BENCH_SIZE));
    const folder = await mkdtemp(join(tmpdir(), 'module-keeper-start-'));
    const [stubs, azurite] = await Promise.all([startStubs(), startAzurite()]);
    try {
      say('  building the package and its peers');
      const apps = await buildStartApps();
      const [event, timer] = [join(folder, 'event.json'), join(folder, 'timer.json')];
      await writeFile(event, JSON.stringify(deviceCreatedAt(deviceId)));
      await writeFile(timer, '{"IsPastDue":false}');
      const settings = {
        NODE_EXTRA_CA_CERTS: stubs.caFile,
        IOTHUB_CONNECTION_STRING: stubs.hubConnectionString,
        HUB_NAME: 'contoso',
        AzureWebJobsStorage: azurite.connectionString,
        // Otherwise the Application Insights distro sends statistics about itself to Microsoft.
        APPLICATION_INSIGHTS_NO_STATSBEAT: 'true',
      };
      const withTelemetry = { ...settings, APPLICATIONINSIGHTS_CONNECTION_STRING: stubs.telemetryConnectionString };
      const onEvent = { worker: apps.worker, functionName: 'deviceCreated', inputFile: event };
      const starts = {
        keeper: { ...onEvent, app: apps.keeper, settings: withTelemetry },
        withoutTelemetry: { ...onEvent, app: apps.keeper, settings },
        eager: { ...onEvent, app: apps.eager, settings: withTelemetry },
      } satisfies Record<string, Start>;
      const empty: Start = {
        ...{ worker: apps.worker, app: apps.emptyTimer, settings },
        ...{ functionName: 'emptyTimer', inputFile: timer },
      };
      const times = { keeper: [], withoutTelemetry: [], eager: [], empty: [] } as Record<string, number[]>;
      const measure = async (round: number): Promise<void> => {
        for (const [name, start] of Object.entries(starts)) {
          const ms = await startToHubCall(start, stubs, `GET /twins/${deviceId}?`);
          if (round > 0) times[name]?.push(ms);
        }
        const ms = await startToEnd(empty);
        if (round > 0) times.empty?.push(ms);
      };
      say(`  ${rounds} starts of each, alternating`);
      for (let round = 0; round <= rounds; round += 1) await measure(round); // round 0 only fills the disk cache
      return figuresOf(times);
    } finally {
      stubs.close();
      await azurite.close();
      await rm(folder, { recursive: true });
    }
  },
};

function figuresOf(times: Record<string, number[]>): Figure[] {
  const median = (name: string) => percentile(times[name] ?? [], 0.5);
  const slowest = (name: string) => percentile(times[name] ?? [], 1);
  const peer = { what: 'unbundled and eager', value: median('eager') };
  return [
    {
      what: 'start to the first hub call, median',
      value: median('keeper'),
      unit: 'ms',
      goal: { atMost: maxMs },
      peer,
    },
    {
      what: 'the same as a share of the app unbundled and eager',
      value: median('keeper') / median('eager'),
      unit: 'times',
      goal: { atMost: maxShareOfEager },
    },
    {
      what: 'start to the first hub call, slowest',
      value: slowest('keeper'),
      unit: 'ms',
      peer: { what: 'unbundled and eager', value: slowest('eager') },
    },
    { what: 'the same without telemetry, median', value: median('withoutTelemetry'), unit: 'ms' },
    { what: 'an app with one empty timer, start to its end, median', value: median('empty'), unit: 'ms' },
  ];
}
