import type { Benchmark, Figure } from '../benchmark.ts';
import { percentile } from '../percentile.ts';
import { bareEventLoop } from './bareEventLoop.ts';
import { benchSize } from './benchSize.ts';
import { eventsRun } from './eventsRun.ts';

// The goals in docs/benchmarks.md.
const maxOwnMs = 5;
const minPerSecond = 200;

/** The concurrency of the intake. */
const concurrency = 5;
const defaultEvents = 10_000;

/** The path of an event on an idle hub: its device is reconciled at once. */
export const eventsBenchmark: Benchmark = {
  name: 'events',
  summary: 'a DeviceCreated event on an idle hub: own time, events a second, calls to the hub',
  run: async (say) => {
    const events = Math.round(defaultEvents * benchSize(process.env.BENCH_SIZE));
    say(`  ${events} events, one after the other`);
    const alone = await eventsRun(events, 1);
    say(`  ${events} events, ${concurrency} at once`);
    const together = await eventsRun(events, concurrency);
    say('  the same two calls without the app');
    const bare = await bareEventLoop(events, concurrency);
    const own = (share: number, goal?: Figure['goal']): Figure => ({
      what: `own time of an event, p${share * 100}`,
      value: percentile(alone.ownMs, share),
      unit: 'ms',
      ...(goal ? { goal } : {}),
      peer: { what: 'with hub and storage', value: percentile(alone.totalMs, share) },
    });
    const goal = { atLeast: minPerSecond };
    const peer = { what: 'the two calls without the app', value: bare.perSecond };
    const cpuPeer = { what: 'the two calls without the app', value: bare.perProcessorSecond };
    return [
      own(0.5),
      own(0.99, { atMost: maxOwnMs }),
      { what: `events a second, ${concurrency} at once`, value: together.perSecond, unit: '/s', goal, peer },
      { what: 'events a second of one core', value: together.perProcessorSecond, unit: '/s', goal, peer: cpuPeer },
      { what: 'device twin reads for each event', value: together.twinReadsEach, unit: '', goal: { atMost: 1 } },
      { what: 'module creates for each event', value: together.createsEach, unit: '', goal: { atMost: 1 } },
      { what: 'other calls to the hub', value: together.otherCalls, unit: '', goal: { atMost: 0 } },
    ];
  },
};
