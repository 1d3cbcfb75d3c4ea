import { describe, expect, test } from '@jest/globals';
import { WorkerBench } from '../../support/workerBench.ts';

const hub = 'contoso';

describe('the watch', () => {
  test('sends a wake-up to a hub with a pending device and no worker', async () => {
    const bench = new WorkerBench();
    await bench.pending.add(hub, { deviceId: 'a', tries: 0 }, 0);
    await bench.watch();
    expect(bench.wakeUps.sent.map((wakeUp) => wakeUp.hub)).toEqual([hub]);
  });

  test('sends a wake-up to a hub with a live run and no worker', async () => {
    const bench = new WorkerBench();
    await bench.start();
    await bench.watch();
    expect(bench.wakeUps.sent).toHaveLength(1);
  });

  test.each<[string, (bench: WorkerBench) => Promise<unknown>]>([
    ['has no work', async () => undefined],
    [
      'has a worker',
      async (bench) => {
        await bench.start();
        await bench.leases.tryAcquire(hub);
      },
    ],
    ['waits for a device that is not due', (bench) => bench.pending.add(hub, { deviceId: 'a', tries: 0 }, 60_000)],
    [
      'is paused',
      async (bench) => {
        await bench.start();
        bench.config = { ...bench.config, paused: true };
      },
    ],
  ])('sends no wake-up to a hub that %s', async (_case, prepare) => {
    const bench = new WorkerBench();
    await prepare(bench);
    await bench.watch();
    expect(bench.wakeUps.sent).toEqual([]);
  });

  test('ends a run as stalled that makes no checkpoint after three wake-ups', async () => {
    const bench = new WorkerBench();
    const { runId } = await bench.start();
    for (let wake = 1; wake <= 3; wake++) {
      await bench.watch();
      expect((await bench.run(runId)).status).toBe('queued');
    }
    await bench.watch();
    expect(await bench.run(runId)).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/^stalled: .*failed invocations of hubWork.*start another run/),
    });
    expect((await bench.start()).runId).not.toBe(runId);
  });

  test('does not end a run that makes checkpoints between its wake-ups', async () => {
    const bench = new WorkerBench();
    bench.sliceMs = 20_000;
    for (let index = 0; index < 400; index++) bench.hub.addDevice(`device-${index}`);
    const { runId } = await bench.start();
    for (let round = 0; round < 10; round++) {
      await bench.watch();
      await bench.slice();
    }
    expect((await bench.run(runId)).status).toBe('running');
  });
});
