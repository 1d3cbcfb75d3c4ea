import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readHubDocument } from '../../../shared/run/hubDocument.ts';
import { agent, spec } from '../../support/policy.ts';
import { propertyRuns } from '../../support/propertyRuns.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet } from './fleet.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** A bench at Monday, 2026-11-23, 02:00, whose policy has the agent in a window on Mondays. */
function benchWith(from: string, to: string, devices = 300): WorkerBench {
  const bench = new WorkerBench();
  bench.policy = [spec({ windows: [{ days: ['mon'], from, to }] })];
  fleet(bench, devices);
  return bench;
}

const agents = (bench: WorkerBench) => bench.hub.modules.size;

/** Plays the host for some time: an invocation for each wake-up that comes, and the watch every five minutes. */
async function play(bench: WorkerBench, ms: number): Promise<number> {
  const { clock, wakeUps } = bench;
  const endMs = clock.now() + ms;
  let invocations = 0;
  for (let minute = 0; clock.now() < endMs; minute++) {
    while (wakeUps.take(clock.elapsedMs())) {
      invocations += 1;
      if (await bench.slice()) await wakeUps.send('contoso', 0);
    }
    if (minute % 5 === 0) await bench.watch();
    await clock.advance(Math.min(minuteMs, Math.max(0, endMs - clock.now())));
  }
  return invocations;
}

test('a run waits for the window of its module without a lease, and comes back at its opening', async () => {
  const bench = benchWith('06:00', '08:00');
  const { runId } = await bench.start();
  expect(await bench.slice()).toBe(false);
  expect(await bench.run(runId)).toMatchObject({
    status: 'running',
    waitingFor: `The windows of the policy: ${agent} until 2026-11-23T06:00:00.000Z.`,
    counts: { devices: 300, created: 0 },
  });
  expect(await bench.leases.isHeld('contoso')).toBe(false);
  const callsBefore = bench.hub.calls.length;
  expect(await play(bench, 3.9 * hourMs)).toBeLessThanOrEqual(5);
  expect(bench.hub.calls.length).toBe(callsBefore);
  expect(agents(bench)).toBe(0);
  await play(bench, 20 * minuteMs);
  expect(await bench.run(runId)).toMatchObject({ status: 'done', waitingFor: null, counts: { created: 300 } });
  expect((await readHubDocument(bench.documents, 'contoso')).heldRun).toBeUndefined();
});

/** When the changes of the hub were sent. */
const changesAt = ({ hub }: WorkerBench) =>
  hub.calls
    .filter(({ operation }) => ['createModule', 'createModules', 'writeModuleTwin', 'removeModule'].includes(operation))
    .map(({ atMs }) => new Date(atMs).toISOString().slice(11, 19));

test('a window that closes in mid-run holds the next call, and the next one finishes the run', async () => {
  const bench = benchWith('00:00', '02:03'); // 50 creates a minute are granted, and the run begins at 02:00
  bench.policy = [
    spec({
      windows: [
        { days: ['mon'], from: '00:00', to: '02:03' },
        { days: ['mon'], from: '05:00', to: '09:00' },
      ],
    }),
  ];
  const { runId } = await bench.start();
  await bench.slices();
  const before = agents(bench);
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(300);
  expect(changesAt(bench).every((time) => time < '02:03')).toBe(true);
  expect(await bench.run(runId)).toMatchObject({ status: 'running', counts: { created: before } });
  await bench.wakeUps.send('contoso', 0);
  await play(bench, 4 * hourMs);
  expect(changesAt(bench).filter((time) => time >= '02:03' && time < '05:00')).toEqual([]);
  expect(await bench.run(runId)).toMatchObject({ status: 'done', counts: { created: 300, unchanged: 0, failed: 0 } });
});

test('other modules of the policy are served while one waits', async () => {
  const bench = benchWith('06:00', '08:00', 120);
  bench.policy = [...bench.policy, spec({ moduleId: 'Other' })];
  const { runId } = await bench.start();
  await bench.slices();
  expect((await bench.run(runId)).counts).toMatchObject({ created: 120 });
  expect([...bench.hub.modules.values()].every((modules) => [...modules.keys()].join() === 'Other')).toBe(true);
});

test('a new device gets its module at once, although the window is closed', async () => {
  const bench = benchWith('06:00', '08:00', 5);
  await bench.start();
  await bench.slices();
  bench.hub.addDevice('new');
  await bench.pending.add('contoso', { deviceId: 'new', tries: 0 }, 0);
  await bench.slices();
  expect(bench.hub.moduleOf('new', agent)).toBeDefined();
  expect(agents(bench)).toBe(1);
});

test('a removal waits for its window, and a dry run does not', async () => {
  const bench = benchWith('06:00', '08:00', 10);
  const stop = { maxChanges: 100, maxFailurePercent: 10 };
  const removal = { dryRun: 'required', connected: 'leave' } as const;
  const windows = [{ days: ['mon'], from: '06:00', to: '08:00' }] as const;
  for (let index = 0; index < 10; index++) bench.hub.addModule(`device-${index}`, agent);
  bench.policy = [spec({ ensure: 'absent', stop, removal, windows })];
  const dry = await bench.start(true);
  await bench.slices();
  expect(await bench.run(dry.runId)).toMatchObject({ status: 'done', counts: { removed: 10 } });
  const real = await bench.start();
  await bench.slices();
  expect(changesAt(bench)).toEqual([]);
  await play(bench, 5 * hourMs);
  expect(await bench.run(real.runId)).toMatchObject({ status: 'done', counts: { removed: 10 } });
});

test('what has waited for a window is not done on a device that the policy has ceased to select', async () => {
  const bench = benchWith('06:00', '08:00', 4);
  const select = { edge: false, exemptTag: 'keep' };
  const twin = { mode: 'enforce', tags: { group: 'a' } } as const;
  bench.policy = bench.policy.map((one) => ({ ...one, select, twin }));
  for (let index = 0; index < 4; index++) bench.hub.addDevice(`device-${index}`, { tags: {} });
  bench.hub.addModule('device-2', agent);
  bench.hub.addModule('device-3', agent);
  const { runId } = await bench.start();
  await bench.slices();
  for (const id of ['device-1', 'device-3']) bench.hub.addDevice(id, { tags: { keep: 'recall' } });
  await play(bench, 5 * hourMs);
  expect((await bench.run(runId)).counts).toMatchObject({ selected: 4, created: 1, updated: 1, excludedPairs: 2 });
  expect(bench.hub.moduleOf('device-1', agent)).toBeUndefined();
  expect(bench.hub.moduleOf('device-3', agent)?.twin).toBeUndefined();
});

test('a twin that was read before the window closed is not written at the next one on a device that became exempt', async () => {
  const bench = benchWith('00:00', '02:01', 1);
  const twin = { mode: 'enforce', tags: { group: 'a' } } as const;
  const windows = [
    { days: ['mon'], from: '00:00', to: '02:01' },
    { days: ['mon'], from: '05:00', to: '09:00' },
  ] as const;
  bench.policy = [spec({ windows, twin, select: { edge: false, exemptTag: 'keep' } })];
  bench.hub.addDevice('device-0', { tags: {} });
  bench.hub.addModule('device-0', agent);
  bench.hub.onCall = async (operation) => {
    if (operation === 'readModuleTwin' && bench.clock.now() % (24 * hourMs) < 2 * hourMs + minuteMs)
      await bench.clock.sleep(minuteMs);
  };
  const { runId } = await bench.start();
  await bench.slices();
  expect((await bench.run(runId)).waitingFor).toContain('05:00');
  bench.hub.addDevice('device-0', { tags: { keep: 'recall' } });
  await play(bench, 4 * hourMs);
  expect(await bench.run(runId)).toMatchObject({ status: 'done', counts: { updated: 0, excludedPairs: 1 } });
  expect(bench.hub.moduleOf('device-0', agent)?.twin).toBeUndefined();
});

test('what has waited for a hub that was paused is not done on a device that the policy has ceased to select', async () => {
  const bench = new WorkerBench();
  bench.policy = [spec({ select: { edge: false, exemptTag: 'keep' } })];
  fleet(bench, 90);
  for (let index = 0; index < 90; index++) bench.hub.addDevice(`device-${index}`, { tags: {} });
  bench.sliceMs = 40_000;
  const { runId } = await bench.start();
  await bench.slice();
  const before = agents(bench);
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(60);
  await bench.clock.advance(24 * hourMs);
  bench.hub.addDevice('device-88', { tags: { keep: 'recall' } });
  bench.hub.addDevice('device-89', { tags: {}, edge: true });
  await bench.slices();
  expect((await bench.run(runId)).counts).toMatchObject({ selected: 90, created: 88, excludedPairs: 2 });
  expect(agents(bench)).toBe(88);
});

test('a dry run goes before a run that waits for a window', async () => {
  const bench = benchWith('06:00', '08:00', 10);
  const real = await bench.start();
  await bench.slices();
  const dry = await bench.start(true);
  await bench.slices();
  expect(await bench.run(dry.runId)).toMatchObject({ status: 'done', counts: { created: 10 } });
  expect(await bench.run(real.runId)).toMatchObject({ status: 'running', counts: { created: 0 } });
  await play(bench, 5 * hourMs);
  expect(await bench.run(real.runId)).toMatchObject({ status: 'done', counts: { created: 10 } });
});

test('a policy without the window takes effect within an hour', async () => {
  const bench = benchWith('22:00', '23:00', 10);
  const { runId } = await bench.start();
  await bench.slices();
  bench.policy = [spec()];
  await play(bench, 65 * minuteMs);
  expect((await bench.run(runId)).status).toBe('done');
});

test('a run that waits for days lists anew each night, so that the other modules of new devices are not left out', async () => {
  const bench = benchWith('01:00', '01:30', 10);
  bench.policy = [...bench.policy, spec({ moduleId: 'Other' })];
  const { runId } = await bench.start();
  await bench.slices();
  bench.hub.addDevice('new'); // its event was lost
  await play(bench, 23 * hourMs);
  expect(await bench.start()).toMatchObject({ runId }); // the nightly sweep
  expect(bench.hub.moduleOf('new', 'Other')).toBeDefined();
  expect(bench.hub.moduleOf('new', agent)).toBeUndefined();
  expect((await bench.run(runId)).reason).toMatch(/^The listing grew old/);
  await play(bench, (6 * 24 + 1) * hourMs);
  expect(await bench.run(runId)).toMatchObject({ status: 'done', counts: { devices: 11, created: 11 } });
});

test('a removal that waits for its window longer than a day needs another dry run', async () => {
  const bench = benchWith('01:00', '01:30', 10); // the next window is in a week
  const removal = { dryRun: 'required', connected: 'leave' } as const;
  const rule = { maxFailurePercent: 10, maxChanges: 100 };
  bench.policy = [spec({ ...bench.policy[0], ensure: 'absent', stop: rule, removal })];
  for (const deviceId of bench.hub.devices.keys()) bench.hub.addModule(deviceId, agent);
  await bench.start(true);
  await bench.slices();
  const { runId } = await bench.start();
  await bench.slices();
  expect((await bench.run(runId)).waitingFor).toContain(agent);
  await play(bench, 45 * hourMs); // it lists anew every 20 h
  expect(await bench.run(runId)).toMatchObject({
    status: 'done',
    counts: { removed: 0, blocked: { needsDryRun: 10 } },
  });
  expect(agents(bench)).toBe(10);
});

test('a cancelled run waits no more', async () => {
  const bench = benchWith('06:00', '08:00', 10);
  const { runId } = await bench.start();
  await bench.slices();
  await bench.cancel(runId);
  await play(bench, 5 * hourMs);
  expect((await bench.run(runId)).status).toBe('cancelled');
  expect(agents(bench)).toBe(0);
  expect(await readHubDocument(bench.documents, 'contoso')).not.toHaveProperty('heldRun');
});

test('a worker that crashes anywhere neither misses the opening nor changes anything before it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 5 }), async (crashesAt) => {
      const bench = benchWith('02:30', '04:00', 40);
      const crashes = [...crashesAt];
      let left = crashes.shift() ?? Number.POSITIVE_INFINITY;
      let isWorking = false;
      bench.storageIsDown = () => {
        if (isWorking) left -= 1;
        return isWorking && left === 0;
      };
      const { runId } = await bench.start();
      await bench.wakeUps.send('contoso', 0);
      for (let minute = 0; minute < 75; minute++) {
        while (bench.wakeUps.take(bench.clock.elapsedMs())) {
          isWorking = true;
          const isMore = await bench.slice().catch(() => {
            left = crashes.shift() ?? Number.POSITIVE_INFINITY;
            return false; // the watch finds what is left
          });
          isWorking = false;
          if (isMore) await bench.wakeUps.send('contoso', 0);
        }
        if (minute % 5 === 0) await bench.watch();
        await bench.clock.advance(minuteMs);
      }
      expect(changesAt(bench).every((time) => time >= '02:30' && time < '04:00')).toBe(true);
      const { status, counts } = await bench.run(runId);
      expect({ status, made: counts.created + counts.unchanged, agents: agents(bench) }).toEqual({
        status: 'done',
        made: 40,
        agents: 40,
      });
    }),
    propertyRuns(10),
  );
});
