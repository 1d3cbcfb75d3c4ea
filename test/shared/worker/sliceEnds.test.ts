import { describe, expect, test } from '@jest/globals';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import { HubError } from '../../../shared/hub/hubError.ts';
import { agent } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';

const hub = 'contoso';

async function addPending(bench: WorkerBench, ...deviceIds: string[]): Promise<void> {
  for (const deviceId of deviceIds) await bench.pending.add(hub, { deviceId, tries: 0 }, 0);
}

describe('the hub worker, where its slice or its hub ends the work', () => {
  test('keeps pending devices while the hub refuses the app altogether', async () => {
    const bench = new WorkerBench();
    bench.hub.addDevice('a');
    bench.hub.onCall = () => {
      throw bench.hub.error('forbidden', { status: 403 });
    };
    await addPending(bench, 'a');
    expect(await bench.slice()).toBe(false);
    expect(bench.pending.deviceIds(hub)).toEqual(['a']);
    expect(bench.log.lines.some(({ fields }) => String(fields.reason).includes('IoT Hub Registry Contributor'))).toBe(
      true,
    );
    bench.hub.onCall = () => {};
    await bench.clock.advance(300_000);
    await bench.slices();
    expect(bench.hub.moduleOf('a', agent)).toBeDefined();
  });

  test('ends a run with the reason although pending devices meet the same refusal first', async () => {
    const bench = new WorkerBench();
    bench.hub.addDevice('a');
    bench.hub.onCall = () => {
      throw bench.hub.error('forbidden', { status: 403 });
    };
    await addPending(bench, 'a');
    const { runId } = await bench.start();
    await bench.slice();
    expect((await bench.run(runId)).status).toBe('failed');
    expect((await bench.run(runId)).reason).toMatch(/IoT Hub Registry Contributor/);
    expect(bench.pending.deviceIds(hub)).toEqual(['a']);
  });

  test('waits in the middle of a run for a key that is being rotated, shows that, and finishes with the new one', async () => {
    const bench = new WorkerBench();
    for (let index = 0; index < 200; index++) bench.hub.addDevice(`device-${index}`);
    const { runId } = await bench.start();
    let refusing = false;
    bench.hub.onCall = () => {
      if (refusing) throw bench.hub.error('unauthorized', { status: 401 });
    };
    bench.sliceMs = 60_000;
    await bench.slice();
    refusing = true;
    for (let minutes = 0; minutes < 60; minutes += 5) {
      await bench.watch();
      expect(await bench.slice()).toBe(false);
      expect((await bench.run(runId)).waitingFor).toMatch(/needs the role/);
      await bench.clock.advance(300_000);
    }
    expect(await bench.run(runId)).toMatchObject({ status: 'running', reason: null });
    refusing = false;
    await bench.slices();
    expect(await bench.run(runId)).toMatchObject({
      status: 'done',
      waitingFor: null,
      counts: { created: 200, failed: 0 },
    });
  });

  test('ends a run at once whose creates were never allowed, and waits where they were', async () => {
    for (const allowed of [0, 20]) {
      const bench = new WorkerBench();
      for (let index = 0; index < 200; index++) bench.hub.addDevice(`device-${index}`);
      bench.hub.onCall = (operation) => {
        if (!operation.startsWith('createModule') || bench.hub.modules.size < allowed) return;
        throw new HubError('contoso', 'create module', { kind: 'unauthorized', status: 401 });
      };
      const { runId } = await bench.start();
      while (await bench.slice());
      const { status, reason, waitingFor } = await bench.run(runId);
      expect(status).toBe(allowed === 0 ? 'failed' : 'running');
      expect(allowed === 0 ? reason : waitingFor).toContain(
        'needs the role "IoT Hub Registry Contributor" on this hub',
      );
    }
  });

  test('writes nothing after its release, however late the hub answers', async () => {
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
      await bench.clock.advance(16_000); // the next renewal comes due
    };
    expect(await bench.slice()).toBe(true); // the run is not done, and nobody else may know
    expect(await bench.documents.readEtag(`runs/contoso/${runId}.json`)).toBe(etagAtLoss);
  });

  test('writes its checkpoint when the process is told to end', async () => {
    const bench = new WorkerBench();
    for (let index = 0; index < 300; index++) bench.hub.addDevice(`device-${index}`);
    const { runId } = await bench.start();
    bench.hub.onCall = () => {
      if (bench.hub.modules.size >= 20) bench.stopping.abort();
    };
    expect(await bench.slice()).toBe(true);
    expect((await bench.run(runId)).counts.created).toBe(bench.hub.modules.size);
  });

  test('ends a cancelled run before its next call to the hub, and takes up the queued one', async () => {
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
});
