import { describe, expect, test } from '@jest/globals';
import { countHub } from '../../../shared/hub/headroom.ts';
import type { HubErrorKind } from '../../../shared/hub/hubError.ts';
import { isNearlyFull, readHubDocument } from '../../../shared/run/hubDocument.ts';
import { agent, spec } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet } from '../worker/fleet.ts';

async function sweptHub(headroom: number): Promise<WorkerBench> {
  const bench = new WorkerBench();
  for (const id of fleet(bench, 10)) bench.hub.addModule(id, agent);
  bench.hub.otherIdentities = 990_000 - 20 - headroom;
  await bench.start();
  await bench.slices();
  return bench;
}

const document = (bench: WorkerBench) => readHubDocument(bench.documents, 'contoso');

describe('the headroom that a run counts', () => {
  test('a run that counts no headroom stops creates by events, and a run that counts much headroom allows them again', async () => {
    const bench = await sweptHub(0);
    expect(await document(bench)).toMatchObject({ fullSince: expect.any(String), headroom: { places: 0 } });
    expect(isNearlyFull(await document(bench))).toBe(true);
    const { fullSince } = await document(bench);
    await bench.clock.advance(3_600_000);
    await bench.start();
    await bench.slices();
    expect((await document(bench)).fullSince).toBe(fullSince);
    bench.hub.otherIdentities -= 5_000;
    await bench.start();
    await bench.slices();
    expect(await document(bench)).not.toHaveProperty('fullSince');
    expect(isNearlyFull(await document(bench))).toBe(false);
  });

  test('with little headroom only the worker creates, after it has counted the hub again', async () => {
    const bench = await sweptHub(150);
    expect(await document(bench)).not.toHaveProperty('fullSince');
    expect(isNearlyFull(await document(bench))).toBe(true);
    bench.hub.otherIdentities += 150;
    bench.hub.addDevice('new');
    await bench.pending.add('contoso', { deviceId: 'new', tries: 0 }, 0);
    await bench.slice();
    expect(bench.hub.moduleOf('new', agent)).toBeUndefined();
    expect(bench.pending.deviceIds('contoso')).toEqual(['new']);
  });
});

test('a run creates as many modules as the headroom allows, also if a bulk call could create more', async () => {
  const bench = new WorkerBench();
  fleet(bench, 40);
  bench.hub.otherIdentities = 990_000 - 40 - 22;
  const { runId } = await bench.start();
  await bench.slices();
  expect(await bench.run(runId)).toMatchObject({ status: 'failed', reason: expect.stringMatching(/nearly full/) });
  expect(bench.hub.modules.size).toBe(22);
});

describe('the optional count of modules', () => {
  test.each<HubErrorKind>(['invalid', 'unavailable', 'tierWithoutModules'])(
    'that fails as %s is unknown',
    async (kind) => {
      const bench = new WorkerBench();
      bench.hub.onCall = (operation) => {
        if (operation === 'countModules') throw bench.hub.error(kind);
      };
      expect(await countHub(bench.hub.registry())).toEqual({ devices: 0, modules: null, headroom: null });
    },
  );

  test.each<HubErrorKind>(['unauthorized', 'forbidden', 'dailyQuota'])('that fails as %s is thrown', async (kind) => {
    const bench = new WorkerBench();
    bench.hub.onCall = (operation) => {
      if (operation === 'countModules') throw bench.hub.error(kind);
    };
    await expect(countHub(bench.hub.registry())).rejects.toMatchObject({ kind });
  });

  test('that fails once the headroom is used up ends the run as if the hub were full', async () => {
    const bench = new WorkerBench();
    fleet(bench, 40);
    bench.hub.otherIdentities = 990_000 - 40 - 22;
    const { runId } = await bench.start();
    let counts = 0;
    bench.hub.onCall = (operation) => {
      if (operation === 'countModules' && counts++ > 0) throw bench.hub.error('invalid');
    };
    await bench.slices();
    expect(await bench.run(runId)).toMatchObject({ status: 'failed', reason: expect.stringMatching(/nearly full/) });
    expect(bench.hub.modules.size).toBeLessThanOrEqual(22);
  });
});

describe('a hub that is full, where the policy also removes a module', () => {
  const old = 'azureiotsecurity';

  function benchWith(devices: number): WorkerBench {
    const bench = new WorkerBench();
    const absent = spec({
      ...{ moduleId: old, ensure: 'absent', removal: { dryRun: 'off', connected: 'leave' } },
      stop: { maxFailurePercent: 10, maxChanges: 1_000 },
    });
    bench.policy = [spec(), absent];
    for (const id of fleet(bench, devices)) bench.hub.addModule(id, old);
    return bench;
  }

  const numberOf = (bench: WorkerBench, moduleId: string) =>
    [...bench.hub.modules.values()].filter((modules) => modules.has(moduleId)).length;

  test('has that module removed all the same, so that the next run creates', async () => {
    const bench = benchWith(150);
    bench.hub.otherIdentities = 990_000 - 300;
    const { runId } = await bench.start();
    await bench.slices();
    expect(await bench.run(runId)).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/nearly full.*other modules/),
      counts: { created: 0, removed: 150 },
    });
    expect(await document(bench)).not.toHaveProperty('fullSince');
    const next = await bench.start();
    await bench.slices();
    expect(await bench.run(next.runId)).toMatchObject({ status: 'done', counts: { created: 150, unchanged: 150 } });
  });

  test('has that module removed too if the hub itself refuses the create', async () => {
    const bench = benchWith(10);
    bench.hub.onCall = (operation) => {
      if (operation.startsWith('createModule')) throw bench.hub.error('identityCap', { status: 403 });
    };
    const { runId } = await bench.start();
    await bench.slices();
    expect(await bench.run(runId)).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/limit of 1,000,000 identities.*other modules/),
      counts: { created: 0, removed: 10 },
    });
    expect([numberOf(bench, agent), numberOf(bench, old)]).toEqual([0, 0]);
  });
});
