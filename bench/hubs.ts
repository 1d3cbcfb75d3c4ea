import { readHostJson } from '../local/host/hostJson.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { type HubsRun, hubsRun } from './hubs/hubsRun.ts';
import { benchSize } from './worker/benchSize.ts';

const devices = 5_000;
/** The queue settings of host.json until 2026-11-28: three or four slices at the same time. */
const formerRule = { batchSize: 4, newBatchThreshold: 2 };

/** The goal in docs/benchmarks.md, in seconds. */
const longestWait = { atMost: 10 };

const cases = [
  { hubs: 1, hanging: 0 },
  { hubs: 8, hanging: 0 },
  { hubs: 40, hanging: 0 },
  { hubs: 40, hanging: 33 },
  { hubs: 80, hanging: 72 },
] as const;

/** Many hubs on one instance. */
export const hubsBenchmark: Benchmark = {
  name: 'hubs',
  summary:
    '1, 8 and 40 hubs of 5,000 covered devices on one instance, 40 of which 33 hang, and 80 of which 72 hang; fake clock, all in memory',
  run: async (say) => {
    const { queues } = await readHostJson();
    const size = Math.round(devices * benchSize(process.env.BENCH_SIZE));
    const figures: Figure[] = [];
    for (const { hubs, hanging } of cases) {
      const what = `${hubs} ${hubs === 1 ? 'hub' : 'hubs'}${hanging > 0 ? `, ${hanging} of them hang` : ''}`;
      const run = await hubsRun({ hubs, hanging, devices: size, rule: queues });
      say(`  ${what}, host.json: ${JSON.stringify(run)}`);
      const former = await hubsRun({ hubs, hanging, devices: size, rule: formerRule });
      say(`  ${what}, 4 and 2: ${JSON.stringify(former)}`);
      figures.push(...figuresOf(what, run, former, hubs - hanging));
    }
    return figures;
  },
};

function figuresOf(what: string, run: HubsRun, former: HubsRun, responding: number): Figure[] {
  const beside = (of: (run: HubsRun) => number) => ({
    value: of(run),
    peer: { what: 'with batchSize 4 and newBatchThreshold 2', value: of(former) },
  });
  return [
    { what: `${what}: runs done`, unit: '', goal: { atLeast: responding }, ...beside(({ done }) => done) },
    { what: `${what}: runs failed`, unit: '', goal: { atMost: 0 }, ...beside(({ failed }) => failed) },
    { what: `${what}: time`, unit: 'min', ...beside(({ minutes }) => minutes) },
    {
      what: `${what}: longest wait of eight new devices at once`,
      unit: 's',
      goal: longestWait,
      ...beside(({ longestWaitSeconds }) => longestWaitSeconds),
    },
    { what: `${what}: longest line of wake-ups`, unit: '', ...beside(({ mostWakeUps }) => mostWakeUps) },
    { what: `${what}: invocations`, unit: '', ...beside(({ invocations }) => invocations) },
    { what: `${what}: heap beyond the hubs`, unit: 'MiB', ...beside(({ heapMib }) => heapMib) },
  ];
}
