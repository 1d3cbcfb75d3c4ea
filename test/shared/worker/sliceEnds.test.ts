import { describe, expect, test } from '@jest/globals';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet, largeHub } from './fleet.ts';

const hub = 'contoso';

describe('the hub worker at the end of a slice', () => {
  test('writes nothing after it released the lease, however late the hub responds', async () => {
    const bench = new WorkerBench();
    bench.config = { ...bench.config, limits: tierLimits('S3', 1) };
    bench.sliceMs = 20_000;
    for (let index = 0; index < 2500; index++) bench.hub.addDevice(`device-${index}`);
    const { runId } = await bench.start();
    let lists = 0;
    bench.hub.onCall = async (operation) => {
      if (operation !== 'listDevices') return;
      lists += 1;
      if (lists < 2) return;
      await bench.clock.sleep(50_000);
      throw bench.hub.error('unavailable', { status: 503 });
    };
    expect(await bench.slice()).toBe(true);
    const etag = await bench.documents.readEtag(`runs/contoso/${runId}.json`);
    await bench.clock.advance(120_000);
    expect(await bench.documents.readEtag(`runs/contoso/${runId}.json`)).toBe(etag);
  });

  test('looks up no change whose call was still waiting for its budget', async () => {
    const bench = new WorkerBench();
    bench.sliceMs = 60_000;
    fleet(bench, 200);
    bench.hub.onCall = () => bench.clock.sleep(500);
    const { runId } = await bench.start();
    expect(await bench.slices()).toBeGreaterThan(3);
    expect(await bench.run(runId)).toMatchObject({ status: 'done', counts: { created: 200 } });
    const operations = new Set(bench.hub.calls.map(({ operation }) => operation));
    expect([...operations].filter((operation) => operation === 'hasModule' || operation === 'createModule')).toEqual(
      [],
    );
  });

  test('looks up no change whose call was refused and waited for another try', async () => {
    const bench = new WorkerBench();
    bench.sliceMs = 60_000;
    fleet(bench, 100);
    bench.hub.onCall = async (operation) => {
      // From 50 s on others use the hub up, until the slice has ended.
      const elapsedMs = bench.clock.elapsedMs();
      if (operation === 'createModules' && elapsedMs > 50_000 && elapsedMs < 70_000) throw bench.hub.error('throttled');
    };
    const { runId } = await bench.start();
    await bench.slices();
    expect(await bench.run(runId)).toMatchObject({ status: 'done', counts: { created: 100 } });
    expect(bench.hub.calls.filter(({ operation }) => operation === 'hasModule')).toEqual([]);
  });

  test('ends without another write when its lease is lost', async () => {
    const bench = new WorkerBench();
    for (let index = 0; index < 300; index++) bench.hub.addDevice(`device-${index}`);
    const { runId } = await bench.start();
    let etagAtLoss: string | undefined;
    bench.hub.onCall = async () => {
      if (bench.hub.modules.size < 20 || etagAtLoss) return;
      bench.leases.break(hub);
      await bench.leases.tryAcquire(hub);
      etagAtLoss = await bench.documents.readEtag(`runs/contoso/${runId}.json`);
      await bench.clock.advance(16_000); // until the next renewal
    };
    expect(await bench.slice()).toBe(true); // the run is not done, so a wake-up is needed
    expect(await bench.documents.readEtag(`runs/contoso/${runId}.json`)).toBe(etagAtLoss);
  });

  test('writes its checkpoint when the process is told to stop', async () => {
    const bench = new WorkerBench();
    for (let index = 0; index < 300; index++) bench.hub.addDevice(`device-${index}`);
    const { runId } = await bench.start();
    bench.hub.onCall = () => {
      if (bench.hub.modules.size >= 20) bench.stopping.abort();
    };
    expect(await bench.slice()).toBe(true);
    expect((await bench.run(runId)).counts.created).toBe(bench.hub.modules.size);
  });

  test('ends a cancelled run before its next call to the hub, and opens the queued one', async () => {
    const bench = new WorkerBench();
    for (let index = 0; index < 100; index++) bench.hub.addDevice(`device-${index}`);
    const { runId } = await bench.start();
    const dry = await bench.start(true);
    let made = 0;
    bench.hub.afterCall = async (operation) => {
      if (operation !== 'createModules' || made > 0) return;
      await bench.cancel(runId);
      made = bench.hub.modules.size;
    };
    await bench.slices();
    expect(bench.hub.modules.size).toBe(made);
    expect(await bench.run(runId)).toMatchObject({ status: 'cancelled', reason: 'Cancelled by request.' });
    expect(await bench.run(dry.runId)).toMatchObject({
      status: 'done',
      counts: { created: 100 - made, unchanged: made },
    });
  });

  test('writes nothing more when its lease is lost after the deadline', async () => {
    const bench = new WorkerBench();
    largeHub(bench);
    fleet(bench, 2_500);
    bench.sliceMs = 20_000;
    const startMs = bench.clock.now();
    bench.hub.onCall = async (operation) => {
      if (operation === 'createModules' && bench.clock.now() - startMs > 12_000) await bench.clock.sleep(19_000);
    };
    const { runId } = await bench.start();
    const etag = () => bench.documents.readEtag(`runs/contoso/${runId}.json`);
    const losing = bench.clock.sleep(25_000).then(async () => {
      bench.leases.break('contoso');
      await bench.leases.tryAcquire('contoso');
      return etag();
    });
    await bench.slice();
    expect(await etag()).toBe(await losing);
  });
});
