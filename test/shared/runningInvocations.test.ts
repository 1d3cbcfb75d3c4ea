import { describe, expect, test } from '@jest/globals';
import { RunningInvocations } from '../../shared/runningInvocations.ts';
import { FakeClock } from '../support/fakeClock.ts';

describe('RunningInvocations.waitForAll', () => {
  test('resolves at once if no invocation runs', async () => {
    await new RunningInvocations().waitForAll(4_500, new FakeClock());
  });

  test('resolves when the last invocation has ended or failed, also one that began meanwhile', async () => {
    const clock = new FakeClock();
    const invocations = new RunningInvocations();
    const startMs = clock.now();
    const nested = () => invocations.track(clock.sleep(1_000)).then(() => 'done');
    const good = invocations.track(clock.sleep(1_000).then(nested));
    const bad = invocations.track(clock.sleep(500).then(() => Promise.reject(new Error('no'))));
    const results = Promise.allSettled([good, bad]);
    await clock.run(invocations.waitForAll(4_500, clock));
    expect(clock.now() - startMs).toBe(2_000);
    expect(await results).toMatchObject([{ value: 'done' }, { reason: { message: 'no' } }]);
  });

  test('resolves after the limit although an invocation still runs', async () => {
    const clock = new FakeClock();
    const invocations = new RunningInvocations();
    const startMs = clock.now();
    void invocations.track(new Promise(() => {}));
    await clock.run(invocations.waitForAll(4_500, clock));
    expect(clock.now() - startMs).toBe(4_500);
  });
});
