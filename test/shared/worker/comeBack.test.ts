import { describe, expect, test } from '@jest/globals';
import { agent } from '../../support/policy.ts';
import { QueueInstance } from '../../support/queueInstance.ts';
import { WorkerBench } from '../../support/workerBench.ts';

const hub = 'contoso';
const minuteMs = 60_000;

/** Two instances, the watch every five minutes, and a hub that is out for so long. */
async function liveThrough(outMinutes: number, eventEveryMinutes: number) {
  const bench = new WorkerBench();
  const { clock, wakeUps } = bench;
  bench.hub.addDevice('a');
  bench.hub.onCall = () => {
    if (clock.elapsedMs() < outMinutes * minuteMs) throw bench.hub.error('unavailable', { status: 503 });
  };
  const rule = { batchSize: 32, newBatchThreshold: 32 };
  const instances = [1, 2].map(() => new QueueInstance({ queue: wakeUps, clock, rule, depsOf: () => bench.deps }));
  const { runId } = await bench.start();
  await wakeUps.send(hub, 0);
  let [mostWaiting, workersOfLastHour] = [0, 0];
  for (let second = 0; second < (outMinutes + 10) * 60; second += 2) {
    if (second % 300 === 0) await bench.watch();
    if (second % (eventEveryMinutes * 60) === 30) {
      await bench.pending.add(hub, { deviceId: 'a', tries: 0 }, 0);
      if (!(await bench.leases.isHeld(hub))) await wakeUps.send(hub, 0);
    }
    for (const instance of instances) instance.poll();
    await clock.advance(2_000);
    mostWaiting = Math.max(mostWaiting, wakeUps.sent.length);
    if (second === (outMinutes - 60) * 60) workersOfLastHour = -bench.leases.acquiredSince(hub, 0);
    if (second === outMinutes * 60) workersOfLastHour += bench.leases.acquiredSince(hub, 0);
  }
  return { bench, runId, mostWaiting, workersOfLastHour };
}

describe('a worker that ended because of an outage of its hub', () => {
  test('comes back every five minutes, however often the watch looked', async () => {
    const { bench, runId, mostWaiting, workersOfLastHour } = await liveThrough(240, 1_000);
    expect(mostWaiting).toBeLessThanOrEqual(2); // one that was left may become visible while the next one is sent
    expect(workersOfLastHour).toBeLessThanOrEqual(12);
    expect((await bench.run(runId)).status).toBe('done');
  });

  test('sends one delayed wake-up, whatever number of events arrives', async () => {
    const { bench, mostWaiting, workersOfLastHour } = await liveThrough(120, 3);
    expect(mostWaiting).toBeLessThanOrEqual(2); // and that of an event
    expect(workersOfLastHour).toBeLessThanOrEqual(12 + 20);
    expect(bench.hub.moduleOf('a', agent)).toBeDefined();
    expect(bench.pending.deviceIds(hub)).toEqual([]);
  });
});
