import { describe, expect, test } from '@jest/globals';
import type { HubDocument } from '../../../shared/run/hubDocument.ts';
import { agent, spec } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';

const hub = 'contoso';

async function addPending(bench: WorkerBench, ...deviceIds: string[]): Promise<void> {
  for (const deviceId of deviceIds) await bench.pending.add(hub, { deviceId, tries: 0 }, 0);
}

describe('pending devices in the hands of the worker', () => {
  test('gives pending devices their modules, once for each device however often it is named', async () => {
    const bench = new WorkerBench();
    for (const id of ['a', 'b', "x*(y)!$@=;,:.+'"]) bench.hub.addDevice(id);
    await addPending(bench, 'a', 'b', 'a', "x*(y)!$@=;,:.+'", 'a');
    await bench.slices();
    expect([...bench.hub.modules.keys()].sort()).toEqual(['a', 'b', "x*(y)!$@=;,:.+'"]);
    expect(bench.pending.deviceIds(hub)).toEqual([]);
  });

  test('gives no module to a pending device that is Edge, excluded, or has one', async () => {
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

  test('serves pending devices before it goes on with a sweep', async () => {
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

  test('reads hardly more devices than it has time to serve, slice after slice', async () => {
    const bench = new WorkerBench();
    const ids = Array.from({ length: 1_000 }, (_, index) => `new-${index}`);
    for (const deviceId of ids) bench.hub.addDevice(deviceId);
    await addPending(bench, ...ids);
    bench.hub.onCall = () => bench.clock.sleep(200);
    expect(await bench.slices()).toBeGreaterThan(4);
    expect(bench.hub.modules.size).toBe(1_000);
    expect(bench.hub.calls.filter(({ operation }) => operation === 'getDevice').length).toBeLessThan(1_050);
  });

  test('looks for a pending device that is not readable yet after 5, 15, 60 and 300 s, and then leaves it to the sweep', async () => {
    const bench = new WorkerBench();
    await addPending(bench, 'late');
    const delaysMs: number[] = [];
    for (let lookedAtMs = bench.clock.now(); bench.pending.deviceIds(hub).length > 0; ) {
      await bench.slices();
      const next = bench.wakeUps.sent.at(-1);
      if (!next || next.dueMs <= bench.clock.now()) break;
      delaysMs.push(next.dueMs - lookedAtMs);
      await bench.clock.advance(next.dueMs - bench.clock.now());
      lookedAtMs = bench.clock.now();
    }
    expect(delaysMs.map((ms) => Math.floor(ms / 1000))).toEqual([5, 15, 60, 300]);
    expect(bench.pending.deviceIds(hub)).toEqual([]);
    expect(bench.log.lines.some(({ message }) => message.includes('the next sweep covers it'))).toBe(true);
  });

  test('makes the module of a pending device that became readable in the meantime', async () => {
    const bench = new WorkerBench();
    await addPending(bench, 'late');
    await bench.slices();
    bench.hub.addDevice('late');
    await bench.clock.advance(6_000);
    await bench.slices();
    expect(bench.hub.moduleOf('late', agent)).toBeDefined();
  });

  test("leaves the owner's places alone for pending devices too, until there are others again", async () => {
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

  test('is not held up by one pending device that the hub refuses for good', async () => {
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
    expect(bench.pending.deviceIds(hub)).toEqual(['odd;id']); // tried again later, and given up in the end
  });

  test('leaves taken devices to the next slice at once when its own ends', async () => {
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

  test('drops a message that names no device', async () => {
    const bench = new WorkerBench();
    await addPending(bench, '..', '');
    await bench.slices();
    expect(bench.pending.deviceIds(hub)).toEqual([]);
    expect(bench.hub.calls).toEqual([]);
  });
});
