import { describe, expect, test } from '@jest/globals';
import type { HubDocument } from '../../../shared/run/hubDocument.ts';
import { agent, spec } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';

const hub = 'contoso';

async function addPending(bench: WorkerBench, ...deviceIds: string[]): Promise<void> {
  for (const deviceId of deviceIds) await bench.pending.add(hub, { deviceId, tries: 0 }, 0);
}

describe('the hub worker with pending devices', () => {
  test('creates their modules, once for each device even if several messages name it', async () => {
    const bench = new WorkerBench();
    for (const id of ['a', 'b', "x*(y)!$@=;,:.+'"]) bench.hub.addDevice(id);
    await addPending(bench, 'a', 'b', 'a', "x*(y)!$@=;,:.+'", 'a');
    await bench.slices();
    expect([...bench.hub.modules.keys()].sort()).toEqual(['a', 'b', "x*(y)!$@=;,:.+'"]);
    expect(bench.pending.deviceIds(hub)).toEqual([]);
  });

  test('creates no module for a device that is IoT Edge, is excluded, or has one', async () => {
    const bench = new WorkerBench();
    bench.policy = [spec({ select: { edge: false, deviceIds: ['sensor-*'] } })];
    bench.hub.addDevice('sensor-edge', { edge: true });
    bench.hub.addDevice('camera');
    bench.hub.addDevice('sensor-1');
    bench.hub.addModule('sensor-1', agent);
    await addPending(bench, 'sensor-edge', 'camera', 'sensor-1');
    await bench.slices();
    expect([...bench.hub.modules.keys()]).toEqual(['sensor-1']);
    expect(bench.hub.moduleOf('sensor-1', agent)?.key).toBe(1);
    expect(bench.pending.deviceIds(hub)).toEqual([]);
  });

  test('reconciles pending devices before it continues a sweep', async () => {
    const bench = new WorkerBench();
    for (let index = 0; index < 100; index++) bench.hub.addDevice(`old-${index}`);
    bench.hub.addDevice('new');
    await bench.start();
    await addPending(bench, 'new');
    bench.sliceMs = 30_000;
    await bench.slice();
    expect(bench.hub.moduleOf('new', agent)).toBeDefined();
    expect(bench.hub.modules.size).toBeLessThan(50);
  });

  test('reads at most 5 % more devices than it reconciles, over several slices', async () => {
    const bench = new WorkerBench();
    const ids = Array.from({ length: 1_000 }, (_, index) => `new-${index}`);
    for (const deviceId of ids) bench.hub.addDevice(deviceId);
    await addPending(bench, ...ids);
    bench.hub.onCall = () => bench.clock.sleep(200);
    expect(await bench.slices()).toBeGreaterThan(4);
    expect(bench.hub.modules.size).toBe(1_000);
    expect(bench.hub.calls.filter(({ operation }) => operation === 'getDevice').length).toBeLessThan(1_050);
  });

  test('reads a device that is not readable yet again after 5, 15, 60 and 300 s, and then leaves it to the next sweep', async () => {
    const bench = new WorkerBench();
    await addPending(bench, 'late');
    const delaysMs: number[] = [];
    for (let readAtMs = bench.clock.elapsedMs(); bench.pending.deviceIds(hub).length > 0; ) {
      await bench.slices();
      const next = bench.wakeUps.sent.at(-1);
      if (!next || next.dueMs <= bench.clock.elapsedMs()) break;
      delaysMs.push(next.dueMs - readAtMs);
      await bench.clock.advance(next.dueMs - bench.clock.elapsedMs());
      readAtMs = bench.clock.elapsedMs();
    }
    expect(delaysMs.map((ms) => Math.floor(ms / 1000))).toEqual([5, 15, 60, 300]);
    expect(bench.pending.deviceIds(hub)).toEqual([]);
    expect(bench.log.lines.some(({ message }) => message.includes('the next sweep covers it'))).toBe(true);
  });

  test('creates the module of a device that became readable before a retry', async () => {
    const bench = new WorkerBench();
    await addPending(bench, 'late');
    await bench.slices();
    bench.hub.addDevice('late');
    await bench.clock.advance(6_000);
    await bench.slices();
    expect(bench.hub.moduleOf('late', agent)).toBeDefined();
  });

  test('keeps the reserved headroom free, and continues when there is other headroom again', async () => {
    const bench = new WorkerBench();
    bench.hub.addDevice('a');
    bench.hub.otherIdentities = 995_000;
    await bench.start();
    await bench.slices();
    await addPending(bench, 'a');
    expect(await bench.slice()).toBe(false);
    expect(bench.hub.modules.size).toBe(0);
    expect(bench.pending.deviceIds(hub)).toEqual(['a']);
    bench.hub.otherIdentities = 900_000;
    await bench.slices();
    expect(bench.hub.moduleOf('a', agent)).toBeDefined();
    const document = await bench.documents.read<HubDocument>('hubs/contoso.json');
    expect(document?.value.fullSince).toBeUndefined();
  });

  test('creates the modules of other devices although the hub always refuses one device', async () => {
    const bench = new WorkerBench();
    for (const id of ['odd;id', 'basic', 'good']) bench.hub.addDevice(id);
    bench.hub.onCall = (operation, [deviceId]) => {
      if (operation !== 'getDevice') return;
      if (deviceId === 'odd;id') throw bench.hub.error('invalid', { status: 400 });
      if (deviceId === 'basic') throw bench.hub.error('tierWithoutModules', { status: 403 });
    };
    await addPending(bench, 'odd;id', 'basic', 'good');
    await bench.slices();
    expect(bench.hub.moduleOf('good', agent)).toBeDefined();
    expect(bench.pending.deviceIds(hub)).toEqual(['odd;id']); // retried later, and removed after the last try
  });

  test.each([
    ['ECONNRESET', { code: 'ECONNRESET' }],
    ['no answer', {}],
    ['HTTP 503', { status: 503, code: 'ServiceUnavailable' }],
  ])('gives a device up with the reason %s of its failed reads', async (reason, failure) => {
    const bench = new WorkerBench();
    for (const id of ['bad', 'good']) bench.hub.addDevice(id);
    bench.hub.onCall = (operation, [deviceId]) => {
      if (operation === 'getDevice' && deviceId === 'bad') throw bench.hub.error('unavailable', failure);
    };
    await bench.pending.add(hub, { deviceId: 'bad', tries: 4 }, 0);
    await addPending(bench, 'good');
    await bench.slices();
    const document = await bench.documents.read<HubDocument>('hubs/contoso.json');
    expect(document?.value.givenUp).toMatchObject([{ deviceId: 'bad', moduleId: agent, reason }]);
  });

  test('makes taken devices visible to the next slice at once when its own ends', async () => {
    const bench = new WorkerBench();
    bench.sliceMs = 30_000;
    const ids = Array.from({ length: 60 }, (_, index) => `device-${index}`);
    for (const id of ids) bench.hub.addDevice(id);
    await addPending(bench, ...ids);
    const startedAtMs = bench.clock.now();
    await bench.slices();
    expect(ids.filter((id) => !bench.hub.moduleOf(id, agent))).toEqual([]);
    expect(bench.clock.now() - startedAtMs).toBeLessThan(4 * 60_000);
  });

  test('keeps the devices of a slow batch hidden: each is read once', async () => {
    const bench = new WorkerBench();
    const ids = Array.from({ length: 30 }, (_, index) => `device-${index}`);
    for (const id of ids) bench.hub.addDevice(id);
    await addPending(bench, ...ids);
    bench.hub.onCall = (operation) => bench.clock.sleep(operation === 'createModules' ? 50_000 : 100);
    bench.sliceMs = 500_000;
    await bench.start();
    await bench.slices();
    expect(ids.filter((id) => !bench.hub.moduleOf(id, agent))).toEqual([]);
    expect(bench.pending.deviceIds(hub)).toEqual([]);
    expect(bench.hub.calls.filter(({ operation }) => operation === 'getDevice')).toHaveLength(30);
  });

  test('removes a message without a valid device id', async () => {
    const bench = new WorkerBench();
    await addPending(bench, '..', '');
    await bench.slices();
    expect(bench.pending.deviceIds(hub)).toEqual([]);
    expect(bench.hub.calls).toEqual([]);
  });

  test('notes repairs, leaves a module that flaps to the sweeps, and makes all modules of a device that is new', async () => {
    const bench = new WorkerBench();
    bench.hub.addDevice('flaps');
    bench.hub.addDevice('new');
    const repair = async (...more: object[]) => {
      for (const deviceId of ['flaps', 'new']) {
        bench.hub.modules.get(deviceId)?.delete(agent);
        const kind = deviceId === 'flaps' ? { repair: true as const } : {};
        for (const one of [kind, ...more]) await bench.pending.add(hub, { deviceId, tries: 0, ...one }, 0);
      }
      await bench.slices();
      return ['flaps', 'new'].filter((id) => bench.hub.moduleOf(id, agent) !== undefined);
    };
    for (let times = 0; times < 5; times++) expect(await repair()).toEqual(['flaps', 'new']);
    expect(await repair()).toEqual(['new']);
    expect(bench.pending.deviceIds(hub)).toEqual([]);
    // A request or an event of a new device names it too.
    expect(await repair({})).toEqual(['flaps', 'new']);
    expect(await repair()).toEqual(['new']);
    const { runId } = await bench.start();
    await bench.slices();
    expect(bench.hub.moduleOf('flaps', agent)).toBeDefined();
    const { reason, status } = await bench.run(runId);
    expect(status).toBe('done');
    expect(reason).toBe(
      `Another client keeps deleting or changing modules: 1 repaired 5 times within a day, so that only sweeps repair them for now: flaps/${agent}.`,
    );
  });
});
