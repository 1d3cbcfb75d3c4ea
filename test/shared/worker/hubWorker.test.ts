import { describe, expect, test } from '@jest/globals';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import { WorkerBench } from '../../support/workerBench.ts';

const hub = 'contoso';

async function addPending(bench: WorkerBench, ...deviceIds: string[]): Promise<void> {
  for (const deviceId of deviceIds) await bench.pending.add(hub, { deviceId, tries: 0 }, 0);
}

describe('the hub worker', () => {
  test('ends at once if another worker holds the lease', async () => {
    const bench = new WorkerBench();
    bench.hub.addDevice('a');
    await addPending(bench, 'a');
    await bench.leases.tryAcquire(hub);
    expect(await bench.slice()).toBe(false);
    expect(bench.hub.calls).toEqual([]);
    expect(bench.pending.deviceIds(hub)).toEqual(['a']);
  });

  test('uses 90 % of the budget of a large hub although each call takes 600 ms', async () => {
    const bench = new WorkerBench();
    bench.config = { ...bench.config, limits: tierLimits('S3', 10) };
    for (let index = 0; index < 40_000; index++) bench.hub.addDevice(`device-${index}`);
    bench.hub.onCall = () => bench.clock.sleep(600);
    const { runId } = await bench.start();
    await bench.slices();
    const { startedAt, finishedAt, counts } = await bench.run(runId);
    const minutes = (Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? '')) / 60_000;
    expect(counts.created).toBe(40_000);
    expect(counts.created / minutes).toBeGreaterThan(0.9 * 25_000);
  });

  test('sends no call on a paused hub, and keeps its pending devices', async () => {
    const bench = new WorkerBench();
    bench.config = { ...bench.config, paused: true };
    bench.hub.addDevice('a');
    await addPending(bench, 'a');
    expect(await bench.slice()).toBe(false);
    expect(bench.hub.calls).toEqual([]);
    expect(bench.pending.deviceIds(hub)).toEqual(['a']);
  });

  test('halves its rate after a throttled response, and stores the learned rate', async () => {
    const bench = new WorkerBench();
    bench.sliceMs = 60_000;
    for (let index = 0; index < 200; index++) bench.hub.addDevice(`device-${index}`);
    await bench.start();
    let throttled = false;
    bench.hub.onCall = (operation) => {
      if (operation !== 'createModules' || throttled) return;
      throttled = true;
      throw bench.hub.error('throttled', { status: 429 });
    };
    await bench.slice();
    const document = await bench.documents.read<{ learnedRates?: { registry?: number } }>('hubs/contoso.json');
    expect(document?.value.learnedRates?.registry).toBeLessThan(50);
    expect(document?.value.learnedRates?.registry).toBeGreaterThanOrEqual(25);
  });
});
