import type { Benchmark, Figure } from '../benchmark.ts';
import { benchSize } from './benchSize.ts';
import { type BurstRun, burstRun } from './burstRun.ts';

/** The goal of issue 4: so many events in a minute, on an S1 hub of one unit. */
const events = 10_000;
/** What the worker is granted of it. */
const grantedPerMinute = 50;
/** The goal of the design, section 7, for a backfill; pending devices have the same budget. */
const leastShare = 0.97;

/** More devices at once than the hub could take in hours. */
export const burstBenchmark: Benchmark = {
  name: 'burst',
  summary: '10,000 events in a minute on an S1 hub of one unit: acknowledged at once, made at the granted rate',
  run: async (say) => {
    const run = await burstRun(Math.round(events * benchSize(process.env.BENCH_SIZE)), say);
    return figuresOf(run);
  },
};

function figuresOf(run: BurstRun): Figure[] {
  const perMinute = run.madePending / run.drainMinutes;
  return [
    { what: 'events acknowledged', value: run.acknowledged, unit: '', goal: { atLeast: run.events } },
    { what: 'longest acknowledgement', value: run.longestAckMs, unit: 'ms', goal: { atMost: 30_000 } },
    { what: 'modules in the end', value: run.modules, unit: '', goal: { atLeast: run.events } },
    {
      what: 'modules of pending devices a minute, as a share of what is granted',
      value: perMinute / grantedPerMinute,
      unit: 'of it',
      goal: { atLeast: leastShare },
    },
    { what: '429s', value: run.throttled, unit: '', goal: { atMost: 0 } },
    { what: 'messages left in the pending queue', value: run.left, unit: '', goal: { atMost: 0 } },
    {
      what: 'wakeUps in all',
      value: run.wakeUps,
      unit: '',
      peer: { what: 'one for each event', value: run.events },
    },
    {
      what: 'wakeUps while the events came in',
      value: run.wakeUpsOfMinute,
      unit: '',
      goal: { atMost: run.mostWakeUps },
    },
    { what: 'slices of the worker that found no lease', value: run.idleWakeUps, unit: '' },
    { what: 'twin reads for each event', value: run.twinReads / run.events, unit: '' },
  ];
}
