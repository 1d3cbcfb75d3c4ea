import { expect, test } from '@jest/globals';
import { withWaitingFor } from '../../../shared/run/whyQueued.ts';
import { WorkerBench } from '../../support/workerBench.ts';

async function waitingFor(bench: WorkerBench, runId: string): Promise<string | null> {
  const run = await withWaitingFor(
    { documents: bench.documents, cachedLeases: bench.leases, hubs: new Map([['contoso', { hub: bench.config }]]) },
    await bench.run(runId),
  );
  return run.waitingFor;
}

test('a queued run says what it waits for: another run, a worker, the worker at work, or a paused hub', async () => {
  const bench = new WorkerBench();
  const dry = await bench.start(true);
  const real = await bench.start(false);
  expect(await waitingFor(bench, real.runId)).toBe(`The dry run ${dry.runId} of this hub ends first.`);
  expect(await waitingFor(bench, dry.runId)).toMatch(/^No worker works on this hub yet/);
  await bench.leases.tryAcquire('contoso');
  expect(await waitingFor(bench, dry.runId)).toMatch(/^The hub's worker works on pending devices/);
  bench.config = { ...bench.config, paused: true };
  expect(await waitingFor(bench, dry.runId)).toBe('The hub is paused in the settings.');
});

test('a queued run shows an outage of the hub, and an ended run waits for nothing', async () => {
  const bench = new WorkerBench();
  bench.hub.addDevice('a');
  bench.hub.onCall = () => {
    throw bench.hub.error('unavailable', { status: 503 });
  };
  const { runId } = await bench.start();
  await bench.slice();
  expect((await bench.run(runId)).status).toBe('queued');
  expect(await waitingFor(bench, runId)).toMatch(/HTTP 503/);
  bench.hub.onCall = () => {};
  await bench.slices();
  expect(await waitingFor(bench, runId)).toBeNull();
});
