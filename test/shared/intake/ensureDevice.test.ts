import { describe, expect, test } from '@jest/globals';
import { problemOf } from '../../../shared/http/problemOf.ts';
import { ensureDevice } from '../../../shared/intake/ensureDevice.ts';
import { IntakeLimiter } from '../../../shared/intake/intakeLimiter.ts';
import { workOnHub } from '../../../shared/worker/hubWorker.ts';
import { agent } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet } from '../worker/fleet.ts';

/** A worker's hub, and requests for it that come to processes of their own. */
function setUp(bench = new WorkerBench()) {
  const limiter = () => new IntakeLimiter(bench.config, bench.deps);
  const ensure = (deviceId: string, process = limiter()) => ensureDevice({ ...bench.deps, limiter: process }, deviceId);
  return { bench, limiter, ensure };
}

const created = [{ moduleId: agent, outcome: 'created' }];

describe('ensureDevice', () => {
  test('creates what is missing at once on a hub without a worker', async () => {
    const { bench, ensure } = setUp();
    bench.hub.addDevice('a');
    expect(await bench.clock.run(ensure('a'))).toEqual(created);
    expect(bench.hub.moduleOf('a', agent)).toBeDefined();
    expect(bench.pending.deviceIds('contoso')).toEqual([]);
  });

  test('costs no registry operation where nothing is missing', async () => {
    const { bench, ensure } = setUp();
    bench.hub.addDevice('a');
    bench.hub.addModule('a', agent);
    expect(await bench.clock.run(ensure('a'))).toEqual([{ moduleId: agent, outcome: 'unchanged' }]);
    expect(bench.hub.calls.filter(({ operation }) => operation.startsWith('create'))).toEqual([]);
  });

  test('tells apart what is excluded and what is blocked', async () => {
    const { bench, ensure } = setUp();
    bench.hub.addDevice('edge', { edge: true });
    expect(await bench.clock.run(ensure('edge'))).toEqual([{ moduleId: agent, outcome: 'excluded', reason: 'edge' }]);
    bench.hub.addDevice('off', { status: 'disabled' });
    expect(await bench.clock.run(ensure('off'))).toEqual([{ moduleId: agent, outcome: 'blocked', reason: 'disabled' }]);
  });

  test('goes through the queue during a sweep, and responds with what the worker created', async () => {
    const { bench, ensure } = setUp();
    fleet(bench, 300);
    await bench.start();
    bench.hub.addDevice('a');
    const slice = workOnHub(bench.deps);
    const outcomes = await bench.clock.run(bench.clock.sleep(30_000).then(() => ensure('a')));
    expect(outcomes).toEqual(created);
    expect(bench.hub.moduleOf('a', agent)).toBeDefined();
    await bench.clock.run(slice);
  });

  test('says after 20 s that the device is pending if the worker did not come', async () => {
    const { bench, ensure } = setUp();
    bench.hub.addDevice('a');
    await bench.documents.write('hubs/contoso.json', { version: 2, wokenAt: '2026-11-29T02:00:00.000Z' }, undefined); // as after the death of a worker
    const startMs = bench.clock.now();
    await expect(bench.clock.run(ensure('a'))).rejects.toMatchObject({ kind: 'limited', pending: true });
    expect(bench.clock.now() - startMs).toBe(20_000);
    expect(bench.pending.deviceIds('contoso')).toEqual(['a']);
    expect(bench.wakeUps.sent).toHaveLength(1);
    await bench.slices();
    expect(bench.hub.moduleOf('a', agent)).toBeDefined();
  });

  test.each(['throttled', 'unavailable'] as const)(
    'waits for the worker although its own look at a pending device is %s',
    async (kind) => {
      const { bench, ensure } = setUp();
      bench.hub.addDevice('a');
      const before = { version: 2, wokenAt: '2026-11-29T02:00:00.000Z' }; // as after the death of a worker
      await bench.documents.write('hubs/contoso.json', before, undefined);
      const startMs = bench.clock.now();
      bench.hub.onCall = () => {
        const afterMs = bench.clock.now() - startMs;
        if (afterMs > 0 && afterMs < 5_000) throw bench.hub.error(kind, { status: 429 });
      };
      const worker = bench.clock.sleep(10_000).then(() => workOnHub(bench.deps));
      expect(await bench.clock.run(ensure('a'))).toEqual(created);
      expect(bench.hub.moduleOf('a', agent)).toBeDefined();
      await bench.clock.run(worker);
    },
  );

  test.each([2_500, 5_000])('names the storage, not the hub, if it takes %i ms a call', async (storageMs) => {
    const { bench, ensure } = setUp();
    bench.hub.addDevice('a');
    for (const call of ['read', 'write'] as const) {
      const inner = bench.documents[call].bind(bench.documents) as (...args: unknown[]) => Promise<unknown>;
      Object.assign(bench.documents, {
        [call]: async (...args: unknown[]) => {
          await bench.clock.sleep(storageMs);
          return inner(...args);
        },
      });
    }
    const error: unknown = await bench.clock.run(ensure('a').catch((thrown: unknown) => thrown));
    expect(problemOf(error)).toMatchObject({ status: 503, type: 'storage-unavailable', retryAfterSeconds: 10 });
  });

  test('names the hub if the hub takes too long', async () => {
    const { bench, ensure } = setUp();
    bench.hub.addDevice('a');
    bench.hub.onCall = (operation) => bench.clock.sleep(operation === 'createModule' ? 60_000 : 0);
    const error: unknown = await bench.clock.run(ensure('a').catch((thrown: unknown) => thrown));
    expect(problemOf(error)).toMatchObject({ status: 503, type: 'hub-unavailable' });
  });

  test('throws the error of the hub for a device that does not exist, and leaves nothing pending', async () => {
    const { bench, ensure } = setUp();
    await expect(bench.clock.run(ensure('nobody'))).rejects.toMatchObject({ kind: 'deviceNotFound' });
    expect(bench.pending.deviceIds('contoso')).toEqual([]);
  });
});
