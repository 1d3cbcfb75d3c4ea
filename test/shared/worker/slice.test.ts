import { describe, expect, test } from '@jest/globals';
import { type HubLease, LeaseLostError } from '../../../shared/storage/leases.ts';
import { runSlice, SliceEndedError, type SliceSignals } from '../../../shared/worker/slice.ts';
import { FakeClock } from '../../support/fakeClock.ts';

const leaseDurationMs = 60_000;
const responseGraceMs = 45_000;

/** Work that lasts until its slice ends, and returns how and when it ended. */
function untilEnd(clock: FakeClock) {
  const startedAtMs = clock.elapsedMs();
  return ({ ended: signal }: SliceSignals) =>
    new Promise<{ end: string; afterMs: number }>((resolve) => {
      signal.addEventListener('abort', () => {
        const { end } = signal.reason as SliceEndedError;
        resolve({ end, afterMs: clock.elapsedMs() - startedAtMs });
      });
    });
}

function slice(clock: FakeClock, renew: HubLease['renew'], sliceMs = 240_000, stopping = new AbortController().signal) {
  const lease: HubLease = { renew, release: async () => {} };
  const options = { clock, sliceMs, responseGraceMs, leaseDurationMs, leasedAtMs: clock.elapsedMs(), stopping };
  return clock.run(runSlice(lease, options, untilEnd(clock)));
}

describe('a slice', () => {
  test('ends at its deadline while renewals succeed', async () => {
    expect(await slice(new FakeClock(), async () => {})).toEqual({ end: 'deadline', afterMs: 240_000 });
  });

  test('ends when a renewal reports the lease as lost', async () => {
    let renewals = 0;
    const renew = async () => {
      renewals += 1;
      if (renewals === 3) throw new LeaseLostError('contoso');
    };
    expect(await slice(new FakeClock(), renew)).toEqual({ end: 'leaseLost', afterMs: 45_000 });
  });

  test('ends before the lease can expire if renewals never return', async () => {
    const ended = await slice(new FakeClock(), () => new Promise(() => {}));
    expect(ended.end).toBe('leaseLost');
    expect(ended.afterMs).toBeLessThan(leaseDurationMs);
  });

  test('ends before the lease can expire if renewals fail, but not after single failures', async () => {
    const clock = new FakeClock();
    const failing = await slice(clock, async () => {
      throw new Error('ECONNRESET');
    });
    expect(failing.end).toBe('leaseLost');
    expect(failing.afterMs).toBeLessThan(leaseDurationMs);
    let renewals = 0;
    const flaky = async () => {
      renewals += 1;
      if (renewals % 3 !== 0) throw new Error('ECONNRESET');
    };
    expect((await slice(new FakeClock(), flaky)).end).toBe('deadline');
  });

  test('ends at once if the process was told to stop before the slice started', async () => {
    const stopping = new AbortController();
    stopping.abort();
    const clock = new FakeClock();
    const lease: HubLease = { renew: async () => {}, release: async () => {} };
    const options = {
      ...{ clock, sliceMs: 1000, responseGraceMs, leaseDurationMs, leasedAtMs: clock.elapsedMs() },
      stopping: stopping.signal,
    };
    const work = async ({ ended }: SliceSignals) => ended.throwIfAborted();
    await expect(clock.run(runSlice(lease, options, work))).rejects.toEqual(new SliceEndedError('stopping'));
  });

  test('does not wait for a renewal after its work has ended', async () => {
    const clock = new FakeClock();
    const lease: HubLease = { renew: () => new Promise(() => {}), release: async () => {} };
    const options = {
      clock,
      sliceMs: 1e6,
      responseGraceMs,
      leaseDurationMs,
      leasedAtMs: clock.elapsedMs(),
      stopping: new AbortController().signal,
    };
    const work = runSlice(lease, options, (_signal) => clock.sleep(20_000));
    await clock.advance(20_000);
    await expect(work).resolves.toBeUndefined();
  });

  describe('the grace period of calls in flight', () => {
    /** Milliseconds from the start of a slice to its end, and from its end to `cutOff`. */
    async function cutOffAfter(how: { renew?: HubLease['renew']; stopAtMs?: number[] }) {
      const clock = new FakeClock();
      const startMs = clock.elapsedMs();
      const stopping = new AbortController();
      for (const atMs of how.stopAtMs ?? []) void clock.sleep(atMs).then(() => stopping.abort());
      const lease: HubLease = { renew: how.renew ?? (async () => {}), release: async () => {} };
      const options = {
        ...{ clock, sliceMs: 240_000, responseGraceMs, leaseDurationMs, leasedAtMs: startMs },
        stopping: stopping.signal,
      };
      return clock.run(
        runSlice(lease, options, async ({ ended, cutOff }) => {
          await new Promise((resolve) => ended.addEventListener('abort', resolve));
          const endedMs = clock.elapsedMs();
          await new Promise((resolve) => cutOff.addEventListener('abort', resolve));
          return [endedMs - startMs, clock.elapsedMs() - endedMs];
        }),
      );
    }

    test('lasts responseGraceMs after the deadline', async () => {
      expect(await cutOffAfter({})).toEqual([240_000, 45_000]);
    });

    test('lasts three seconds when the process is told to stop', async () => {
      expect(await cutOffAfter({ stopAtMs: [100_000] })).toEqual([100_000, 3_000]);
    });

    test('ends three seconds after a stop that follows the deadline', async () => {
      expect(await cutOffAfter({ stopAtMs: [250_000] })).toEqual([240_000, 13_000]);
    });

    test('is over before the lease can expire if renewals never return', async () => {
      const renew = () => new Promise<void>(() => {});
      const [endedMs = 0, graceMs = 0] = await cutOffAfter({ renew });
      expect(endedMs + graceMs).toBeLessThan(leaseDurationMs);
    });
  });
});
