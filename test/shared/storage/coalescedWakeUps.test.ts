import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { coalescedRings } from '../../../shared/storage/coalescedWakeUps.ts';
import type { Rings } from '../../../shared/storage/queues.ts';
import { FakeClock } from '../../support/fakeClock.ts';

/** Rings that take a while to be sent, fail as told, and note when each is heard. */
class SlowRings implements Rings {
  readonly heard: { hub: string; sentAtMs: number; dueMs: number }[] = [];
  outcomes: { tookMs: number; fails: boolean }[] = [];
  private readonly clock: FakeClock;

  constructor(clock: FakeClock) {
    this.clock = clock;
  }

  async ring(hub: string, delayMs: number): Promise<void> {
    const sentAtMs = this.clock.now();
    const { tookMs, fails } = this.outcomes.shift() ?? { tookMs: 0, fails: false };
    if (tookMs > 0) await this.clock.sleep(tookMs);
    if (fails) throw new Error('the queue is out of reach');
    this.heard.push({ hub, sentAtMs, dueMs: sentAtMs + delayMs });
  }
}

const call = fc.record({
  hub: fc.constantFrom('a', 'b'),
  waitMs: fc.oneof(fc.nat(3_000), fc.constantFrom(0, 1, 999, 1_000, 1_001)),
  delayMs: fc.constantFrom(0, 0, 0, 1, 500, 1_000, 60_000),
});
const outcome = fc.record({ tookMs: fc.constantFrom(0, 0, 50, 1_500), fails: fc.constantFrom(false, false, true) });

describe('rings put together', () => {
  test('let every call that succeeds be followed by a ring that is due after it, within a second', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { maxLength: 60, size: 'max' }),
        fc.array(outcome, { maxLength: 40, size: 'max' }),
        async (calls, outcomes) => {
          const clock = new FakeClock();
          const slow = new SlowRings(clock);
          slow.outcomes = [...outcomes];
          const rings = coalescedRings(slow, clock);
          const made: Promise<{ hub: string; fromMs: number; rung: boolean }>[] = [];
          for (const { hub, waitMs, delayMs } of calls) {
            const fromMs = clock.now() + delayMs;
            made.push(
              rings.ring(hub, delayMs).then(
                () => ({ hub, fromMs, rung: true }),
                () => ({ hub, fromMs, rung: false }),
              ),
            );
            await clock.advance(waitMs);
          }
          for (const { hub, fromMs, rung } of await clock.run(Promise.all(made))) {
            const answering = slow.heard.filter(
              (ring) => ring.hub === hub && ring.dueMs > fromMs && ring.dueMs <= fromMs + 1_000,
            );
            // Exactly one if it succeeded, so no second of a hub is rung twice.
            if (rung) expect(answering).toHaveLength(1);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test('send one ring for all calls of a second', async () => {
    const clock = new FakeClock();
    const slow = new SlowRings(clock);
    const rings = coalescedRings(slow, clock);
    for (let calls = 0; calls < 200; calls++) {
      await clock.run(rings.ring('contoso', 0));
      await clock.advance(5);
    }
    expect(slow.heard).toHaveLength(1);
    await clock.run(rings.ring('contoso', 0));
    expect(slow.heard).toHaveLength(2);
  });

  test('do not mix hubs, nor seconds to come', async () => {
    const clock = new FakeClock();
    const startMs = clock.now();
    const slow = new SlowRings(clock);
    const rings = coalescedRings(slow, clock);
    await clock.run(
      Promise.all([rings.ring('a', 0), rings.ring('b', 0), rings.ring('a', 60_000), rings.ring('a', 60_400)]),
    );
    expect(slow.heard.map(({ hub, dueMs }) => [hub, dueMs - startMs])).toEqual([
      ['a', 1_000],
      ['b', 1_000],
      ['a', 61_000],
    ]);
  });

  test('try anew for whoever asks after a failure', async () => {
    const clock = new FakeClock();
    const slow = new SlowRings(clock);
    slow.outcomes = [{ tookMs: 0, fails: true }];
    const rings = coalescedRings(slow, clock);
    await expect(rings.ring('contoso', 0)).rejects.toThrow('out of reach');
    await rings.ring('contoso', 0);
    expect(slow.heard).toHaveLength(1);
  });
});
