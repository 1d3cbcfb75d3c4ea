import { describe, expect, test } from '@jest/globals';
import { RunningWork } from '../../shared/runningWork.ts';
import { FakeClock } from '../support/fakeClock.ts';

describe('waiting for what is under way', () => {
  test('ends at once where there is nothing', async () => {
    await new RunningWork().settled(4_500, new FakeClock());
  });

  test('ends when the last of it has ended, well or badly, and what it began as well', async () => {
    const clock = new FakeClock();
    const work = new RunningWork();
    const startMs = clock.now();
    const good = work.track(clock.sleep(1_000).then(() => work.track(clock.sleep(1_000)).then(() => 'done')));
    const bad = work.track(clock.sleep(500).then(() => Promise.reject(new Error('no'))));
    const seen = Promise.allSettled([good, bad]);
    await clock.run(work.settled(4_500, clock));
    expect(clock.now() - startMs).toBe(2_000);
    expect(await seen).toMatchObject([{ value: 'done' }, { reason: { message: 'no' } }]);
  });

  test('ends after the limit, whatever goes on', async () => {
    const clock = new FakeClock();
    const work = new RunningWork();
    const startMs = clock.now();
    void work.track(new Promise(() => {}));
    await clock.run(work.settled(4_500, clock));
    expect(clock.now() - startMs).toBe(4_500);
  });
});
