import type { Benchmark, Figure } from '../benchmark.ts';
import { percentile } from '../percentile.ts';
import { bareEventLoop } from './bareEventLoop.ts';
import { benchSize } from './benchSize.ts';
import { eventsRun } from './eventsRun.ts';

// The goals of the design, section 7.
const mostOwnMs = 5;
const leastPerSecond = 200;

/** As many as the door lets in at once. */
const tryNow = 5;
const defaultEvents = 10_000;

/** The calm path of an event: one device, reconciled at once. */
export const eventsBenchmark: Benchmark = {
  name: 'events',
  summary: 'a DeviceCreated event on a calm hub: our own time, events a second, calls to the hub',
  run: async (say) => {
    const events = Math.round(defaultEvents * benchSize(process.env.BENCH_SIZE));
    say(`  ${events} events, one after the other`);
    const alone = await eventsRun(events, 1);
    say(`  ${events} events, ${tryNow} at once`);
    const together = await eventsRun(events, tryNow);
    say('  the same two calls bare');
    const bare = await bareEventLoop(events, tryNow);
    const own = (share: number, goal?: Figure['goal']): Figure => ({
      what: `own time of an event, p${share * 100}`,
      value: percentile(alone.ownMs, share),
      unit: 'ms',
      ...(goal ? { goal } : {}),
      peer: { what: 'with hub and storage', value: percentile(alone.totalMs, share) },
    });
    const goal = { atLeast: leastPerSecond };
    const peer = { what: 'the two calls bare', value: bare.perSecond };
    const busyPeer = { what: 'the two calls bare', value: bare.perProcessorSecond };
    return [
      own(0.5),
      own(0.99, { atMost: mostOwnMs }),
      { what: `events a second, ${tryNow} at once`, value: together.perSecond, unit: '/s', goal, peer },
      { what: 'events a second of one core', value: together.perProcessorSecond, unit: '/s', goal, peer: busyPeer },
      { what: 'device twin reads for each event', value: together.twinReadsEach, unit: '', goal: { atMost: 1 } },
      { what: 'module creates for each event', value: together.createsEach, unit: '', goal: { atMost: 1 } },
      { what: 'other calls to the hub', value: together.otherCalls, unit: '', goal: { atMost: 0 } },
    ];
  },
};
