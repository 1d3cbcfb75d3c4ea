import { expect, test } from '@jest/globals';
import { FakeHub } from '../../support/fakeHub.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet, sums } from '../worker/fleet.ts';

/** A hub where the first 200 of the same device ids are Edge devices, and 100 devices more. */
function otherHub(bench: WorkerBench): FakeHub {
  const hub = new FakeHub(bench.clock);
  for (let index = 0; index < 400; index++) hub.addDevice(`device-${index}`, { edge: index < 200 });
  for (let index = 0; index < 100; index++) hub.addDevice(`more-${index}`);
  return hub;
}

test('a run whose hub gets another host name between two slices begins anew, and uses nothing that it read before', async () => {
  const bench = new WorkerBench();
  fleet(bench, 400);
  bench.sliceMs = 60_000;
  const { runId } = await bench.start();
  await bench.slice();
  await bench.slice();
  expect((await bench.run(runId)).checkpoint.todo.length).toBeGreaterThan(0);
  const hub = otherHub(bench);
  Object.assign(bench, { hub });
  bench.config = { ...bench.config, hostName: 'contoso-2.azure-devices.net' };
  await bench.slices();
  const run = await bench.run(runId);
  expect([...hub.modules.keys()].filter((id) => hub.devices.get(id)?.edge)).toEqual([]);
  expect(run).toMatchObject({
    status: 'done',
    reason: expect.stringMatching(/host name .*was changed after \d+ devices; listing and counts were restarted/),
    counts: { devices: 500, created: 300, excluded: { edge: 200 } },
  });
  expect(sums(run)).toEqual({ devices: 500, pairs: 300 });
});
