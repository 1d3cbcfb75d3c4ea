import type { Benchmark, Figure } from './benchmark.ts';
import { drainByWorker, drainOneByOne, type PendingOptions } from './pending/pendingRun.ts';
import { benchSize } from './worker/benchSize.ts';

/** The number of devices that the grant allows in two minutes. */
const devices = 50_000;
const units = 10;
/** Half of the 5,000 registry operations a minute and unit (`HUB_BUDGET_PERCENT`). */
const grantedPerMinute = 2_500 * units;
const minShare = 0.9;
const storageMs = 15;

const hubs = [
  { what: 'a hub that responds within 15 ms', readMs: 15, bulkMs: 15 },
  { what: 'a hub as fast as live ones: reads 135 ms, bulk creates 900 ms', readMs: 135, bulkMs: 900 },
] as const;

/** Pending devices on the largest hub, where storage calls take longer than the grant leaves. */
export const pendingBenchmark: Benchmark = {
  name: 'pending',
  summary: '50,000 pending devices on an S3 hub of ten units, storage calls take 15 ms; fake clock, all in memory',
  run: async (say) => {
    const count = Math.round(devices * benchSize(process.env.BENCH_SIZE));
    const figures: Figure[] = [];
    for (const { what, readMs, bulkMs } of hubs) {
      const options: PendingOptions = { units, devices: count, storageMs, readMs, bulkMs };
      const run = await drainByWorker(options);
      say(`  ${what}: ${JSON.stringify(run)}`);
      const oneByOne = await drainOneByOne({ ...options, devices: Math.ceil(count / 10) });
      say(`  ${what}, one batch at a time: ${JSON.stringify(oneByOne)}`);
      const peer = { what: 'one batch at a time', value: oneByOne.perMinute / grantedPerMinute };
      figures.push(
        {
          what: `${what}: modules a minute, of the granted ${grantedPerMinute}`,
          value: run.perMinute / grantedPerMinute,
          unit: 'of it',
          goal: { atLeast: minShare },
          peer,
        },
        { what: `${what}: 429s`, value: run.throttled, unit: '', goal: { atMost: 0 } },
        { what: `${what}: messages left`, value: run.left, unit: '', goal: { atMost: 0 } },
      );
    }
    return figures;
  },
};
