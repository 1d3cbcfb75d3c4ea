import { beforeEach, describe, expect, test } from '@jest/globals';
import { readHubDocument } from '../../../shared/run/hubDocument.ts';
import { sweepEveryHub } from '../../../shared/run/sweepEveryHub.ts';
import { type WatchEveryHubDeps, watchEveryHub } from '../../../shared/worker/watchEveryHub.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { MemoryTelemetry } from '../../support/memoryTelemetry.ts';
import { WorkerBench } from '../../support/workerBench.ts';

const hub = 'contoso';
const minuteMs = 60_000;
const schedule = '0 0 2 * * *';

describe('the watch of all hubs', () => {
  let bench: WorkerBench;
  beforeEach(() => {
    bench = new WorkerBench(new FakeClock(Date.parse('2026-11-23T01:00:00Z')));
  });

  const deps = (changes: Partial<WatchEveryHubDeps> = {}): WatchEveryHubDeps => ({
    ...{ ...bench.deps, hubs: [bench.config], outOfService: [], schedule, isSweepDisabled: false },
    ...changes,
  });
  const watch = (changes: Partial<WatchEveryHubDeps> = {}) => bench.clock.run(watchEveryHub(deps(changes)));
  const nightlySweep = () =>
    bench.clock.run(
      sweepEveryHub(
        { ...bench.deps, hubs: new Map([[hub, { hub: bench.config }]]), outOfService: [], schedule },
        { isPastDue: false, isRetry: false },
      ),
    );
  /** Watches every five minutes. */
  async function watchFor(minutes: number, changes: Partial<WatchEveryHubDeps> = {}): Promise<void> {
    for (let minute = 0; minute < minutes; minute += 5) {
      await bench.clock.advance(5 * minuteMs);
      if (!bench.storageIsDown()) await watch(changes);
    }
  }

  test('starts no sweep for a time before its first look', async () => {
    await watchFor(55);
    expect(await bench.runs()).toEqual([]);
  });

  test('starts a sweep that nightlySweep could not start, minutes after its time, and only once', async () => {
    await watchFor(50);
    bench.storageIsDown = () => bench.clock.now() < Date.parse('2026-11-23T02:01:00Z');
    await bench.clock.advance(10 * minuteMs);
    await expect(nightlySweep()).rejects.toThrow('1 sweeps could not be started');
    await watchFor(10);
    const [run, ...others] = await bench.runs();
    expect(others).toEqual([]);
    expect(run?.requestedAt).toBe('2026-11-23T02:05:00.000Z');
    expect(bench.wakeUps.sent.map((wakeUp) => wakeUp.hub)).toEqual([hub]);
    await bench.slices();
    await watchFor(6 * 60);
    expect(await bench.runs()).toHaveLength(1);
  });

  test('starts the sweep that a hub missed while it was out of service', async () => {
    await watchFor(50);
    await watchFor(12 * 60, { hubs: [], outOfService: [{ name: hub }] });
    await watchFor(10);
    expect(await bench.runs()).toHaveLength(1);
  });

  test('starts no sweep for a night that nightlySweep has swept', async () => {
    await watchFor(50);
    await bench.clock.advance(10 * minuteMs - 40); // a timer may be early
    await nightlySweep();
    await bench.slices();
    await watchFor(12 * 60);
    expect(await bench.runs()).toHaveLength(1);
  });

  test('starts no sweep for a time before its schedule was set, or at which the hub was paused or the sweep disabled', async () => {
    await watchFor(50);
    await watchFor(120, { isSweepDisabled: true });
    await watchFor(60); // enabled again
    await watchFor(60, { schedule: '0 0 3 * * *' }); // 03:00 is over
    bench.config = { ...bench.config, paused: true };
    await bench.clock.advance(20 * 3600_000 + 10 * minuteMs);
    await nightlySweep();
    await watchFor(60);
    bench.config = { ...bench.config, paused: false };
    await watchFor(60);
    expect(await bench.runs()).toEqual([]);
    expect((await readHubDocument(bench.documents, hub)).scheduledBy).toBe(schedule);
  });

  test('ends within the function timeout with 40 hubs while storage does not respond', async () => {
    const hubs = Array.from({ length: 40 }, (_, index) => ({ ...bench.config, name: `hub-${index}` }));
    bench.idleTimeout = { isHanging: () => true, afterMs: 15_500 };
    const startedAtMs = bench.clock.now();
    await expect(watch({ hubs })).rejects.toThrow(/^The check of hubs failed/);
    expect(bench.clock.now() - startedAtMs).toBeLessThan(200_000);
  });

  test('checks the other hubs and takes the other steps although one fails', async () => {
    const failing = { ...bench.config, name: 'failing' };
    const isHeld = async (name: string) => (name === 'failing' ? Promise.reject(new Error('no')) : false);
    await bench.pending.add(hub, { deviceId: 'a', tries: 0 }, 0);
    await expect(watch({ hubs: [failing, bench.config], leases: { isHeld } })).rejects.toThrow(
      'The check of hubs failed 1 times.',
    );
    expect(bench.wakeUps.sent.map((wakeUp) => wakeUp.hub)).toEqual([hub]);
  });

  test('records each hub that is out of service by its name, and nothing else of it', async () => {
    const memory = new MemoryTelemetry(bench.clock);
    const { telemetry } = memory;
    await watch({ telemetry });
    expect(memory.metric('keeper.hub_out_of_service')).toEqual([]);
    await watch({ telemetry, outOfService: [{ name: 'fabrikam' }, {}] });
    expect(memory.metric('keeper.hub_out_of_service')).toEqual([
      { value: 1, hub: 'fabrikam' },
      { value: 1, hub: '(entry without a name)' },
    ]);
  });

  test('reports messages that stay in the poison queue, for which no function runs', async () => {
    const memory = new MemoryTelemetry(bench.clock);
    const { telemetry } = memory;
    await watch({ telemetry });
    expect(bench.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
    bench.wakeUps.poisoned = 2;
    await watch({ telemetry });
    expect(bench.log.lines).toContainEqual({
      level: 'error',
      message: 'The poison queue has messages that no function can read',
      fields: { queue: 'hub-work-poison', count: 2 },
    });
    expect(memory.metric('keeper.poisoned_wake_ups')).toEqual([{ value: 0 }, { value: 2 }]);
  });
});
