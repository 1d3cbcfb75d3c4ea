import { expect, test } from '@jest/globals';
import { workOnHub } from '../../../shared/worker/hubWorker.ts';
import { driveRun } from '../../support/driveRun.ts';
import { fullestMinute } from '../../support/fullestMinute.ts';
import { agent } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet } from './fleet.ts';

const hourMs = 3_600_000;

/** A sweep of 300 devices, of which one fails by itself once; after two minutes the system time is set back by `stepMs`. */
async function sweepWithStep(stepMs: number) {
  const bench = new WorkerBench();
  const ids = fleet(bench, 300);
  let failures = 0;
  bench.hub.onCall = (operation, deviceIds) => {
    if (!operation.startsWith('create') || !deviceIds.includes('device-90') || failures > 0) return;
    failures += 1;
    throw bench.hub.error('unavailable', { status: 500 });
  };
  const { runId } = await bench.start();
  const startMs = bench.clock.elapsedMs();
  const step = bench.clock.sleep(120_000).then(() => bench.clock.setBack(stepMs));
  const { run } = await driveRun(bench, runId);
  await bench.clock.run(step);
  return { bench, ids, run, tookMs: bench.clock.elapsedMs() - startMs };
}

test.each([
  ['back', hourMs],
  ['forward', -hourMs],
])(
  'a system time that is set %s by an hour changes neither the length of a sweep nor its pace',
  async (_how, stepMs) => {
    const alone = await sweepWithStep(0);
    const { bench, ids, run, tookMs } = await sweepWithStep(stepMs);
    expect(run).toMatchObject({ status: 'done', counts: { failed: 0 } });
    expect(ids.filter((id) => bench.hub.moduleOf(id, agent))).toHaveLength(300);
    expect(tookMs).toBeLessThan(alone.tookMs + 65_000); // one slice may wait for its window once more
    expect(fullestMinute(bench)).toBeLessThanOrEqual(50);
  },
);

/** A slice of an instance whose clock is a day ahead; the wake-ups that it leaves are lost. */
async function sliceADayAhead(bench: WorkerBench): Promise<void> {
  const { clock } = bench;
  const ahead = {
    now: () => clock.now() + 24 * hourMs,
    elapsedMs: () => clock.elapsedMs(),
    sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms, signal),
  };
  await clock.run(workOnHub({ ...bench.deps, clock: ahead }));
  bench.wakeUps.sent.length = 0;
}

test.each([
  ['works on a run', () => {}],
  [
    'leaves a hub that serves nobody',
    (bench: WorkerBench) => {
      bench.hub.onCall = () => {
        throw bench.hub.error('unavailable', { status: 503 });
      };
    },
  ],
])('the watch wakes a hub although an instance whose clock is a day ahead %s last', async (_case, prepare) => {
  const bench = new WorkerBench();
  bench.sliceMs = 60_000;
  fleet(bench, 300);
  await bench.start();
  prepare(bench);
  await sliceADayAhead(bench);
  await bench.clock.advance(hourMs / 6);
  await bench.watch();
  expect(bench.wakeUps.sent).toHaveLength(1);
});
