import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { coalescedWakeUps } from '../../../shared/storage/coalescedWakeUps.ts';
import type { WakeUps } from '../../../shared/storage/queues.ts';
import { FakeClock } from '../../support/fakeClock.ts';

/** Wake-ups that take `tookMs` to send or fail, as `outcomes` says, and record when each becomes visible. */
class SlowWakeUps implements WakeUps {
  readonly received: { hub: string; sentAtMs: number; dueMs: number }[] = [];
  outcomes: { tookMs: number; fails: boolean }[] = [];
  private readonly clock: FakeClock;

  constructor(clock: FakeClock) {
    this.clock = clock;
  }

  async send(hub: string, delayMs: number): Promise<void> {
    const sentAtMs = this.clock.now();
    const { tookMs, fails } = this.outcomes.shift() ?? { tookMs: 0, fails: false };
    if (tookMs > 0) await this.clock.sleep(tookMs);
    if (fails) throw new Error('the queue is out of reach');
    this.received.push({ hub, sentAtMs, dueMs: sentAtMs + delayMs });
  }
}

const call = fc.record({
  hub: fc.constantFrom('a', 'b'),
  waitMs: fc.oneof(fc.nat(3_000), fc.constantFrom(0, 1, 999, 1_000, 1_001)),
  delayMs: fc.constantFrom(0, 0, 0, 1, 500, 1_000, 60_000),
});
const outcome = fc.record({ tookMs: fc.constantFrom(0, 0, 50, 1_500), fails: fc.constantFrom(false, false, true) });

describe('coalescedWakeUps', () => {
  test('send, for every call that succeeds, a wake-up that is due after it and within a second', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { maxLength: 60, size: 'max' }),
        fc.array(outcome, { maxLength: 40, size: 'max' }),
        async (calls, outcomes) => {
          const clock = new FakeClock();
          const slow = new SlowWakeUps(clock);
          slow.outcomes = [...outcomes];
          const wakeUps = coalescedWakeUps(slow, clock);
          const made: Promise<{ hub: string; fromMs: number; sent: boolean }>[] = [];
          for (const { hub, waitMs, delayMs } of calls) {
            const fromMs = clock.now() + delayMs;
            made.push(
              wakeUps.send(hub, delayMs).then(
                () => ({ hub, fromMs, sent: true }),
                () => ({ hub, fromMs, sent: false }),
              ),
            );
            await clock.advance(waitMs);
          }
          for (const { hub, fromMs, sent } of await clock.run(Promise.all(made))) {
            const matching = slow.received.filter(
              (wakeUp) => wakeUp.hub === hub && wakeUp.dueMs > fromMs && wakeUp.dueMs <= fromMs + 1_000,
            );
            // Exactly one if it succeeded, so no second of a hub is sent twice.
            if (sent) expect(matching).toHaveLength(1);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test('send one wake-up for all calls within a second', async () => {
    const clock = new FakeClock();
    const slow = new SlowWakeUps(clock);
    const wakeUps = coalescedWakeUps(slow, clock);
    for (let calls = 0; calls < 200; calls++) {
      await clock.run(wakeUps.send('contoso', 0));
      await clock.advance(5);
    }
    expect(slow.received).toHaveLength(1);
    await clock.run(wakeUps.send('contoso', 0));
    expect(slow.received).toHaveLength(2);
  });

  test('send separate wake-ups for different hubs and for different seconds', async () => {
    const clock = new FakeClock();
    const startMs = clock.now();
    const slow = new SlowWakeUps(clock);
    const wakeUps = coalescedWakeUps(slow, clock);
    await clock.run(
      Promise.all([wakeUps.send('a', 0), wakeUps.send('b', 0), wakeUps.send('a', 60_000), wakeUps.send('a', 60_400)]),
    );
    expect(slow.received.map(({ hub, dueMs }) => [hub, dueMs - startMs])).toEqual([
      ['a', 1_000],
      ['b', 1_000],
      ['a', 61_000],
    ]);
  });

  test('send again for the first call after a failure', async () => {
    const clock = new FakeClock();
    const slow = new SlowWakeUps(clock);
    slow.outcomes = [{ tookMs: 0, fails: true }];
    const wakeUps = coalescedWakeUps(slow, clock);
    await expect(wakeUps.send('contoso', 0)).rejects.toThrow('out of reach');
    await wakeUps.send('contoso', 0);
    expect(slow.received).toHaveLength(1);
  });
});
