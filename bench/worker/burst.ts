import type { Benchmark, Figure } from '../benchmark.ts';
import { benchSize } from './benchSize.ts';
import { type BurstRun, burstRun } from './burstRun.ts';

/** Events in one minute. A hub of one S1 unit needs hours for this number of devices. */
const events = 10_000;
/** Half of the 100 registry operations of one S1 unit (`HUB_BUDGET_PERCENT`). */
const grantedPerMinute = 50;
/** The goal for a backfill in docs/benchmarks.md; pending devices have the same budget. */
const minShare = 0.97;

/** A burst of more devices than the hub can process in hours. */
export const burstBenchmark: Benchmark = {
  name: 'burst',
  summary: '10,000 events in a minute on an S1 hub of one unit: acknowledged at once, created at the granted rate',
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
    { what: 'modules at the end', value: run.modules, unit: '', goal: { atLeast: run.events } },
    {
      what: 'modules of pending devices a minute, as a share of the granted rate',
      value: perMinute / grantedPerMinute,
      unit: 'of it',
      goal: { atLeast: minShare },
    },
    { what: '429s', value: run.throttled, unit: '', goal: { atMost: 0 } },
    { what: 'messages that remain in the pending queue', value: run.remaining, unit: '', goal: { atMost: 0 } },
    {
      what: 'wake-ups in total',
      value: run.wakeUps,
      unit: '',
      peer: { what: 'one for each event', value: run.events },
    },
    {
      what: 'wake-ups while the events came in',
      value: run.wakeUpsDuringEvents,
      unit: '',
      goal: { atMost: run.maxWakeUps },
    },
    { what: 'wake-ups while another worker held the lease', value: run.wakeUpsWithoutLease, unit: '' },
    { what: 'twin reads for each event', value: run.twinReads / run.events, unit: '' },
  ];
}
