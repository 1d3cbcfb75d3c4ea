import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../support/fakeClock.ts';
import { MemoryWakeUps } from '../../support/memoryStorage.ts';
import { WorkerBench } from '../../support/workerBench.ts';

const hub = 'contoso';
/** The timer of `watchHubs`. */
const watchEveryMs = 300_000;

/** A worker that acquires the lease and whose process dies: after its first call to the hub, or before it. */
async function dyingSlice(bench: WorkerBench): Promise<void> {
  bench.hub.onCall = () => {
    throw new Error('the process died');
  };
  await expect(bench.slice()).rejects.toThrow('the process died');
}

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
    await bench.clock.advance(watchEveryMs);
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

  test('ends a run as stalled when three workers in a row made no checkpoint, and says what to do', async () => {
    const bench = new WorkerBench();
    bench.hub.addDevice('a');
    const { runId } = await bench.start();
    for (let death = 1; death <= 3; death++) {
      await bench.watch();
      expect((await bench.run(runId)).status).toBe('queued');
      await dyingSlice(bench);
      await bench.clock.advance(watchEveryMs);
    }
    await bench.watch();
    const { status, reason } = await bench.run(runId);
    expect(status).toBe('failed');
    expect(reason).toMatch(/^stalled: 3 slices .* start another run/s);
    expect((await bench.start()).runId).not.toBe(runId);
  });

  test('counts the deaths of workers only until a slice ends in order or a checkpoint is made', async () => {
    const bench = new WorkerBench();
    bench.sliceMs = 20_000;
    for (let index = 0; index < 400; index++) bench.hub.addDevice(`device-${index}`);
    const { runId } = await bench.start();
    for (let round = 0; round < 4; round++) {
      for (let death = 1; death <= 2; death++) await dyingSlice(bench);
      bench.hub.onCall = () => {};
      await bench.slice();
      await bench.clock.advance(watchEveryMs);
      await bench.watch();
      expect((await bench.run(runId)).status).toBe('running');
    }
  });

  test('does not end a run whose third worker begins while the watch looks', async () => {
    const bench = new WorkerBench();
    bench.hub.addDevice('a');
    const { runId } = await bench.start();
    for (let death = 1; death <= 2; death++) await dyingSlice(bench);
    await bench.clock.advance(watchEveryMs);
    bench.hub.onCall = () => bench.clock.sleep(10_000);
    const isHeld = bench.leases.isHeld.bind(bench.leases);
    let third: Promise<boolean> | undefined;
    bench.leases.isHeld = async (name) => {
      const held = await isHeld(name);
      third ??= bench.slice();
      await bench.clock.advance(1_000); // it has begun, and waits for the hub
      return held;
    };
    await bench.watch();
    expect((await bench.run(runId)).status).not.toBe('failed');
    await third;
    expect((await bench.run(runId)).status).toBe('done');
  });

  test('does not say that it ended a stalled run which was cancelled just before', async () => {
    const bench = new WorkerBench();
    bench.hub.addDevice('a');
    const { runId } = await bench.start();
    for (let death = 1; death <= 3; death++) await dyingSlice(bench);
    await bench.clock.advance(watchEveryMs);
    const { write } = bench.documents;
    bench.documents.write = async (path, value, etag) => {
      if ((value as { status?: string }).status === 'failed') {
        bench.documents.write = write;
        await bench.cancel(runId);
      }
      return write.call(bench.documents, path, value, etag);
    };
    await bench.watch();
    expect((await bench.run(runId)).status).toBe('cancelled');
    expect(bench.log.lines.filter(({ message }) => message === 'Run ended')).toEqual([]);
  });

  test('does not end a run whose turn never came because pending devices took every slice', async () => {
    const bench = new WorkerBench();
    bench.sliceMs = 20_000;
    const { runId } = await bench.start();
    for (let index = 0; index < 400; index++) {
      bench.hub.addDevice(`device-${index}`);
      await bench.pending.add(hub, { deviceId: `device-${index}`, tries: 0 }, 0);
    }
    for (let round = 0; round < 6; round++) {
      expect(await bench.slice()).toBe(true);
      await bench.clock.advance(watchEveryMs);
      await bench.watch();
      expect((await bench.run(runId)).status).not.toBe('failed');
    }
  });

  test('adds at most one wake-up for each of 40 hubs that wait in line, and ends none of their runs', async () => {
    const clock = new FakeClock();
    const line = new MemoryWakeUps(clock);
    const benches = Array.from({ length: 40 }, (_, index) => {
      const bench = new WorkerBench(clock, line);
      bench.config = { ...bench.config, name: `hub-${index}` };
      return bench;
    });
    for (const bench of benches) {
      const { hub } = await bench.start();
      await bench.wakeUps.send(hub, 0);
    }
    for (let watch = 1; watch <= 10; watch++) {
      await clock.advance(watchEveryMs);
      for (const bench of benches) await bench.watch();
    }
    expect(line.sent.length).toBeLessThanOrEqual(80);
    for (const bench of benches) {
      expect(line.sent.filter((wakeUp) => wakeUp.hub === bench.config.name).length).toBeLessThanOrEqual(2);
      const [run] = await bench.runs();
      expect(run?.status).toBe('queued');
    }
  });

  test('sends no second wake-up for one that was sent a moment ago, and a new one for one that is lost', async () => {
    const bench = new WorkerBench();
    await bench.start(); // its caller sends a wake-up, which becomes visible within a second
    await bench.watch();
    expect(bench.wakeUps.sent).toEqual([]);
    await bench.clock.advance(watchEveryMs);
    await bench.watch();
    expect(bench.wakeUps.sent).toHaveLength(1);
    bench.wakeUps.sent.length = 0; // in the poison queue
    await bench.clock.advance(watchEveryMs);
    await bench.watch();
    expect(bench.wakeUps.sent).toHaveLength(1);
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
