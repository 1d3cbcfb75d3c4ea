import { expect, test } from '@jest/globals';
import { startUndo } from '../../../shared/run/runStore.ts';
import { FakeHub } from '../../support/fakeHub.ts';
import { spec } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';

const old = 'azureiotsecurity';

function withModules(hub: FakeHub, devices: number): void {
  for (let index = 0; index < devices; index++) {
    hub.addDevice(`device-${index}`);
    hub.addModule(`device-${index}`, old);
  }
}

test('an undo creates on no other hub what a run removed before its hub got another host name', async () => {
  const bench = new WorkerBench();
  bench.policy = [
    spec({
      moduleId: old,
      ensure: 'absent',
      stop: { maxFailurePercent: 10, maxChanges: 10_000 },
      removal: { dryRun: 'off', connected: 'leave' },
    }),
  ];
  withModules(bench.hub, 60);
  bench.sliceMs = 20_000;
  const { runId } = await bench.start();
  await bench.slice();
  const [before, first] = [bench.config, bench.hub];
  const removed = 60 - [...first.modules.values()].filter((modules) => modules.has(old)).length;
  expect(removed).toBeGreaterThan(0);

  const other = new FakeHub(bench.clock);
  for (let index = 0; index < 60; index++) other.addDevice(`device-${index}`); // without the module
  Object.assign(bench, { hub: other });
  bench.config = { ...bench.config, hostName: 'contoso-2.azure-devices.net' };
  await bench.slices();
  const { run: undo } = await startUndo(bench.deps, 'contoso', runId);
  await bench.slices();
  expect(other.moduleOf('device-0', old)).toBeUndefined();
  expect(await bench.run(undo.runId)).toMatchObject({
    status: 'failed',
    reason: expect.stringMatching(/were removed from contoso/),
  });

  // With the host name of before they come back.
  Object.assign(bench, { hub: first });
  bench.config = before;
  await startUndo(bench.deps, 'contoso', runId);
  await bench.slices();
  expect([...first.modules.values()].filter((modules) => modules.has(old)).length).toBe(60);
});
