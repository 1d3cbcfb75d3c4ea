import { describe, expect, test } from '@jest/globals';
import { type HubLease, LeaseLostError } from '../../../shared/storage/leases.ts';
import { runSlice, SliceEndedError } from '../../../shared/worker/slice.ts';
import { FakeClock } from '../../support/fakeClock.ts';

const leaseDurationMs = 60_000;

/** Work that goes on until its slice ends, and answers how that was and when. */
function untilEnd(clock: FakeClock) {
  const startedAtMs = clock.now();
  return (signal: AbortSignal) =>
    new Promise<{ end: string; afterMs: number }>((resolve) => {
      signal.addEventListener('abort', () => {
        const { end } = signal.reason as SliceEndedError;
        resolve({ end, afterMs: clock.now() - startedAtMs });
      });
    });
}

function slice(clock: FakeClock, renew: HubLease['renew'], sliceMs = 240_000, stopping = new AbortController().signal) {
  const lease: HubLease = { renew, release: async () => {} };
  const options = { clock, sliceMs, leaseDurationMs, leasedAtMs: clock.now(), stopping };
  return clock.run(runSlice(lease, options, untilEnd(clock)));
}

describe('a slice', () => {
  test('ends at its deadline while renewals succeed', async () => {
    expect(await slice(new FakeClock(), async () => {})).toEqual({ end: 'deadline', afterMs: 240_000 });
  });

  test('ends when a renewal says that the lease is lost', async () => {
    let renewals = 0;
    const renew = async () => {
      renewals += 1;
      if (renewals === 3) throw new LeaseLostError('contoso');
    };
    expect(await slice(new FakeClock(), renew)).toEqual({ end: 'leaseLost', afterMs: 45_000 });
  });

  test('ends before the lease can run out when renewals never return', async () => {
    const ended = await slice(new FakeClock(), () => new Promise(() => {}));
    expect(ended.end).toBe('leaseLost');
    expect(ended.afterMs).toBeLessThan(leaseDurationMs);
  });

  test('ends before the lease can run out when renewals fail, and forgives single failures', async () => {
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

  test('ends at once when the process is told to, also before it began', async () => {
    const stopping = new AbortController();
    stopping.abort();
    const clock = new FakeClock();
    const lease: HubLease = { renew: async () => {}, release: async () => {} };
    const options = { clock, sliceMs: 1000, leaseDurationMs, leasedAtMs: clock.now(), stopping: stopping.signal };
    const work = async (signal: AbortSignal) => signal.throwIfAborted();
    await expect(clock.run(runSlice(lease, options, work))).rejects.toEqual(new SliceEndedError('stopping'));
  });

  test('waits for no renewal once its work is done', async () => {
    const clock = new FakeClock();
    const lease: HubLease = { renew: () => new Promise(() => {}), release: async () => {} };
    const options = {
      clock,
      sliceMs: 1e6,
      leaseDurationMs,
      leasedAtMs: clock.now(),
      stopping: new AbortController().signal,
    };
    const work = runSlice(lease, options, (_signal) => clock.sleep(20_000));
    await clock.advance(20_000);
    await expect(work).resolves.toBeUndefined();
  });
});
