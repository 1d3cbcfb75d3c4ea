import { describe, expect, test } from '@jest/globals';
import { PolicyStore } from '../../../shared/policyStore/policyStore.ts';
import { agent } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet } from './fleet.ts';

/** A hub of 30 devices whose app reads `policy.json`. */
function benchWith(policy: string | undefined): WorkerBench {
  const bench = new WorkerBench();
  fleet(bench, 30);
  const { documents, clock } = bench;
  bench.policies = new PolicyStore({ setting: undefined, documents, clock });
  if (policy !== undefined) documents.putBlob('policy.json', policy);
  return bench;
}

describe('a slice without a valid policy', () => {
  test('creates nothing, shows in the run what to correct, and leaves the devices pending', async () => {
    const bench = benchWith('[{"moduleId":"a","selct":{}}]');
    const { runId } = await bench.start();
    await bench.pending.add('contoso', { deviceId: 'new', tries: 0 }, 0);
    bench.hub.addDevice('new');
    for (let times = 0; times < 3; times++) expect(await bench.slice()).toBe(false);
    expect(bench.hub.calls).toEqual([]);
    expect(bench.pending.deviceIds('contoso')).toEqual(['new']);
    const run = await bench.run(runId);
    expect(run).toMatchObject({ status: 'queued', policy: null, policySource: null });
    expect(run.waitingFor).toContain('policy.json[0]: has the unknown key selct');
    expect(await bench.leases.isHeld('contoso')).toBe(false);

    const policyEtag = bench.documents.putBlob('policy.json', '[{"moduleId":"a"}]');
    await bench.clock.advance(300_000);
    await bench.watch(); // it sends the wake-up
    expect(bench.wakeUps.sent).toHaveLength(1);
    await bench.slices();
    expect(await bench.run(runId)).toMatchObject({
      status: 'done',
      waitingFor: null,
      policySource: 'blob',
      policyEtag,
    });
    expect(bench.hub.moduleOf('new', 'a')).toBeDefined();
  });

  test('leaves a run that was cancelled meanwhile cancelled', async () => {
    const bench = benchWith('{');
    const { runId } = await bench.start();
    await bench.slice();
    await bench.cancel(runId);
    await bench.slice();
    expect((await bench.run(runId)).status).toBe('cancelled');
  });
});

test('a run whose policy.json changes between two slices begins anew, with the new one and its ETag', async () => {
  const bench = benchWith(undefined);
  bench.sliceMs = 10_000;
  const { runId } = await bench.start();
  await bench.slice();
  const before = await bench.run(runId);
  expect(before).toMatchObject({ status: 'running', policySource: 'default', policyEtag: null });
  const etag = bench.documents.putBlob('policy.json', `[{"moduleId":"${agent}","select":{"deviceIds":["none"]}}]`);
  await bench.slices();
  expect(await bench.run(runId)).toMatchObject({
    status: 'done',
    policySource: 'blob',
    policyEtag: etag,
    reason: expect.stringContaining('The policy was changed'),
    counts: { excluded: { deviceId: 30 } },
  });
});

test('an invalid policy.json between two slices changes nothing for the run', async () => {
  const bench = benchWith('[{"moduleId":"a"}]');
  bench.sliceMs = 10_000;
  const { runId } = await bench.start();
  await bench.slice();
  bench.documents.putBlob('policy.json', '{');
  await bench.slices();
  const run = await bench.run(runId);
  expect(run).toMatchObject({ status: 'done', reason: null, policySource: 'blob', counts: { created: 30 } });
});
