import { expect, test } from '@jest/globals';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet } from './fleet.ts';

const minuteMs = 60_000;
const outageMs = 120 * minuteMs;

test('a hub that serves nobody has one wake-up that comes back, however many others come in between', async () => {
  const bench = new WorkerBench();
  const { clock, wakeUps } = bench;
  fleet(bench, 100);
  const endMs = clock.now() + outageMs;
  bench.hub.onCall = () => {
    if (clock.now() < endMs) throw bench.hub.error('unavailable', { code: 'ECONNREFUSED' });
  };
  const { runId } = await bench.start();
  await wakeUps.send('contoso', 0);
  let [invocations, others, longest] = [0, 0, 0];
  for (let minute = 1; clock.now() < endMs; minute++) {
    const nextMs = clock.now() + minuteMs;
    while (wakeUps.take(clock.elapsedMs())) {
      invocations += 1;
      await bench.slice();
    }
    longest = Math.max(longest, wakeUps.sent.length);
    if (minute % 5 === 0) await bench.watch();
    if (minute % 3 === 0) {
      others += 1;
      await wakeUps.send('contoso', 0); // as for the event of a new device
    }
    await clock.advance(Math.max(0, nextMs - clock.now()));
  }
  expect(longest).toBe(1);
  expect(invocations - others).toBeLessThanOrEqual(outageMs / (5 * minuteMs) + 6); // the first pauses are shorter
  await clock.advance(6 * minuteMs);
  while (wakeUps.take(clock.elapsedMs())) while (await bench.slice());
  expect((await bench.run(runId)).status).toBe('done');
});

test('the watch replaces the wake-up of such a hub if it was lost', async () => {
  const bench = new WorkerBench();
  fleet(bench, 10);
  bench.hub.onCall = () => {
    throw bench.hub.error('unavailable', { code: 'ECONNREFUSED' });
  };
  await bench.start();
  await bench.slice();
  expect(bench.wakeUps.sent).toHaveLength(1);
  bench.wakeUps.sent.length = 0;
  await bench.watch();
  expect(bench.wakeUps.sent).toEqual([]);
  await bench.clock.advance(minuteMs);
  await bench.watch();
  expect(bench.wakeUps.sent).toHaveLength(1);
});
