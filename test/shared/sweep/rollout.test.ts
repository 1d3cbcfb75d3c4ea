import { describe, expect, test } from '@jest/globals';
import { type Rollout, waveOf } from '../../../shared/policy/waves.ts';
import { verifyDevice } from '../../../shared/reconcile/verifyDevice.ts';
import { readHubDocument } from '../../../shared/run/hubDocument.ts';
import type { Run } from '../../../shared/run/run.ts';
import { afterRun, countWaves, readWaveCounts } from '../../../shared/run/waveCounts.ts';
import { StorageOutageError } from '../../support/failingWhile.ts';
import { agent, spec } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';

const hourMs = 3600_000;
const rollout: Rollout = {
  waves: [{ deviceIds: ['lab-*'] }, { deviceIds: ['line-*'] }],
  pauseHours: 20,
  stopWhen: { failedPercent: 4, unhealthyPercent: 4 },
};

/** A hub of 40 devices in a lab, 20 in a line and 10 others. */
function benchWith(changes: Partial<Rollout> = {}): WorkerBench {
  const bench = new WorkerBench();
  bench.policy = [spec({ rollout: { ...rollout, ...changes }, stop: { maxFailurePercent: 100 } })];
  for (let index = 0; index < 40; index++) bench.hub.addDevice(`lab-${index}`);
  for (let index = 0; index < 20; index++) bench.hub.addDevice(`line-${index}`);
  for (let index = 0; index < 10; index++) bench.hub.addDevice(`other-${index}`);
  return bench;
}

async function sweep(bench: WorkerBench, { dryRun = false, afterHours = 0 } = {}): Promise<Run> {
  await bench.clock.advance(afterHours * hourMs);
  const { runId } = await bench.start(dryRun);
  await bench.slices();
  return bench.run(runId);
}

const made = ({ hub }: WorkerBench) => hub.modules.size;
const stateOf = async (bench: WorkerBench) => (await readHubDocument(bench.documents, 'contoso')).rollouts?.[agent];

/** The hub fails each create on these devices. */
function fail(bench: WorkerBench, deviceIds: readonly string[]): void {
  bench.hub.onCall = (operation, named) => {
    const fails = ['createModule', 'createModules'].includes(operation) && named.some((id) => deviceIds.includes(id));
    if (fails) throw bench.hub.error('unavailable', { status: 500 });
  };
}

describe('a rollout', () => {
  test('serves one wave after the other, each when the one before is done and has rested', async () => {
    const bench = benchWith();
    expect(await sweep(bench)).toMatchObject({
      status: 'done',
      reason: null,
      counts: { devices: 70, selected: 40, created: 40, excluded: { laterWave: 30 } },
    });
    expect(made(bench)).toBe(40);
    expect(await sweep(bench, { afterHours: 1 })).toMatchObject({ counts: { created: 0, unchanged: 40 } });
    expect(await stateOf(bench)).toMatchObject({ wave: 0 });
    await sweep(bench, { afterHours: 20 });
    expect(await stateOf(bench)).toMatchObject({ wave: 1 });
    expect(made(bench)).toBe(40);
    expect(await sweep(bench)).toMatchObject({ counts: { created: 20, unchanged: 40, excluded: { laterWave: 10 } } });
    await sweep(bench, { afterHours: 20 });
    expect(await sweep(bench)).toMatchObject({ counts: { created: 10, unchanged: 60, excluded: {} } });
    expect(await stateOf(bench)).toMatchObject({ wave: 2 });
    expect(await sweep(bench)).toMatchObject({ counts: { created: 0, unchanged: 70 } });
  });

  test('goes on although the run failed since another module met a stop rule, whose own rollout is held', async () => {
    const bench = benchWith({ pauseHours: 0 });
    const other = 'telemetry-agent';
    bench.policy = [
      ...bench.policy,
      spec({
        moduleId: other,
        rollout: { ...rollout, pauseHours: 0 },
        stop: { maxFailurePercent: 100, maxChanges: 5 },
      }),
    ];
    const run = await sweep(bench);
    expect(run).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/maxChanges.*telemetry-agent is held/),
    });
    const { rollouts, lastFinishedSweep } = await readHubDocument(bench.documents, 'contoso');
    expect(rollouts).toMatchObject({
      [agent]: { wave: 1 },
      [other]: { wave: 0, held: expect.stringMatching(/left the module out/) },
    });
    expect(lastFinishedSweep).toBeUndefined();
    expect(await sweep(bench)).toMatchObject({ status: 'failed', counts: { created: 20 } });
  });

  test('does not begin wave 2 while 5 % of wave 1 fail, and says why', async () => {
    const bench = benchWith();
    fail(bench, ['lab-1', 'lab-2']);
    const run = await sweep(bench);
    expect(run).toMatchObject({ status: 'done', counts: { created: 38, failed: 2 } });
    expect(run.reason).toMatch(/held at wave 1 of 3: the module failed on 2 of 40 devices, .*failedPercent \(4\)/);
    expect(await stateOf(bench)).toMatchObject({ wave: 0, held: run.reason });
    expect(bench.log.lines.filter(({ message }) => message === 'A rollout is held')).toHaveLength(1);
    for (let night = 0; night < 3; night++) await sweep(bench, { afterHours: 24 });
    expect(made(bench)).toBe(38);
    bench.hub.onCall = () => {};
    expect((await sweep(bench)).reason).toBeNull();
    expect(await stateOf(bench)).not.toHaveProperty('held');
    await sweep(bench, { afterHours: 24 });
    await sweep(bench);
    expect(made(bench)).toBe(60);
  });

  test('does not begin wave 2 while agents of 5 % of wave 1 report that they failed', async () => {
    const bench = benchWith();
    await sweep(bench);
    const report = (state: string) => ({ state, invalidFields: state === 'success' ? [] : ['Process_Mode'] });
    const set = (index: number, state: string) =>
      Object.assign(bench.hub.moduleOf(`lab-${index}`, agent) ?? {}, { report: report(state) });
    for (let index = 0; index < 40; index++) set(index, index < 2 ? 'failed' : 'success');
    const held = await sweep(bench, { afterHours: 24 });
    expect(held.reason).toMatch(/held at wave 1 of 3/);
    expect(await stateOf(bench)).toMatchObject({ wave: 0, held: held.reason });
    await sweep(bench, { afterHours: 24 });
    expect(made(bench)).toBe(40);
    set(0, 'success');
    expect((await sweep(bench, { afterHours: 24 })).reason).toBeNull();
    await sweep(bench, { afterHours: 24 });
    await sweep(bench);
    expect(made(bench)).toBe(60);
  });

  test('a dry run predicts the open wave and does not go further', async () => {
    const bench = benchWith({ pauseHours: 0 });
    for (let night = 0; night < 3; night++) {
      expect(await sweep(bench, { dryRun: true })).toMatchObject({
        counts: { created: 40, excluded: { laterWave: 30 } },
      });
    }
    await sweep(bench);
    expect(await sweep(bench, { dryRun: true })).toMatchObject({ counts: { created: 20, unchanged: 40 } });
    expect(made(bench)).toBe(40);
  });

  test('begins anew with another spec, but not with another pause', async () => {
    const bench = benchWith({ pauseHours: 0 });
    await sweep(bench);
    expect(await stateOf(bench)).toMatchObject({ wave: 1 });
    bench.policy = [spec({ rollout })];
    await sweep(bench);
    expect(made(bench)).toBe(60);
    bench.policy = [spec({ rollout, twin: { mode: 'enforce', tags: { owner: 'security' } } })];
    expect(await sweep(bench)).toMatchObject({ counts: { updated: 40, excluded: { laterWave: 30 } } });
  });

  test('a pending device of a later wave is left alone, and one of an open wave gets its module', async () => {
    const bench = benchWith();
    for (const deviceId of ['lab-new', 'line-new']) {
      bench.hub.addDevice(deviceId);
      await bench.pending.add('contoso', { deviceId, tries: 0 }, 0);
    }
    await bench.slices();
    expect([...bench.hub.modules.keys()]).toEqual(['lab-new']);
    expect(await verifyDevice(bench.hub.registry(), bench.policy, 'line-new', bench.clock.now())).toMatchObject([
      { state: 'excluded', reason: 'laterWave' },
    ]);
  });

  test('a removal needs another dry run for each wave', async () => {
    const bench = benchWith();
    const stop = { maxChanges: 1000, maxFailurePercent: 10 };
    const removal = { dryRun: 'required', connected: 'leave' } as const;
    bench.policy = [spec({ ensure: 'absent', stop, removal, rollout: { ...rollout, pauseHours: 0 } })];
    for (const deviceId of bench.hub.devices.keys()) bench.hub.addModule(deviceId, agent);
    await sweep(bench, { dryRun: true });
    expect(await sweep(bench)).toMatchObject({ counts: { removed: 40 } });
    const blocked = await sweep(bench);
    expect(blocked).toMatchObject({ counts: { removed: 0, blocked: { needsDryRun: 20 } } });
    expect(blocked.reason).toMatch(/held at wave 2 of 3: 20 removals wait for a dry run/);
    expect(await sweep(bench, { dryRun: true })).toMatchObject({ counts: { removed: 20, unchanged: 40 } });
  });

  test('a worker that crashes at the end of a run opens the next wave once', async () => {
    for (let crashAt = 1; crashAt <= 40; crashAt++) {
      const bench = benchWith({ pauseHours: 0 });
      let left = Number.POSITIVE_INFINITY;
      bench.storageIsDown = () => {
        left -= 1;
        return left === 0;
      };
      await bench.start();
      left = crashAt;
      for (let more = true; more; ) {
        try {
          more = await bench.slice();
        } catch (error) {
          expect(error).toBeInstanceOf(StorageOutageError); // the wake-up is delivered again
          await bench.clock.advance(hourMs / 60);
        }
      }
      expect([made(bench), (await stateOf(bench))?.wave]).toEqual([40, 1]);
    }
  });
});

describe('the health of a wave', () => {
  const policy = [spec({ rollout: { ...rollout, pauseHours: 0 } })];
  const lab = (count: number, isHealthy: boolean) =>
    Array.from({ length: count }, (_, index) => ({ deviceId: `lab-${index}`, moduleId: agent, isHealthy }));
  const waveAfter = (reports: ReturnType<typeof lab>) => {
    const counts: Parameters<typeof countWaves>[0] = {};
    countWaves(counts, policy, [{ deviceId: 'lab-0', moduleId: agent, outcome: 'unchanged' }], reports);
    return afterRun(policy, undefined, { counts, stopped: {}, listingSince: '2026-11-23T02:00:00.000Z' }, 0).rollouts[
      agent
    ];
  };

  test('holds the next wave if more of the modules that report have failed than is allowed', () => {
    expect(waveAfter([...lab(95, true), ...lab(5, false)])).toMatchObject({
      wave: 0,
      held: expect.stringMatching(/5 of the 100 modules that report their health are not healthy/),
    });
    expect(waveAfter([...lab(96, true), ...lab(4, false)])).toMatchObject({ wave: 1 });
    expect(waveAfter([])).toMatchObject({ wave: 1 });
  });

  test('does not count devices of other waves', () => {
    expect(waveAfter([{ deviceId: 'line-1', moduleId: agent, isHealthy: false }])).toMatchObject({ wave: 1 });
  });
});

describe('stored counts of a wave', () => {
  const counts = { spec: 'x', wave: 1, pairs: 5, failed: 2, left: 0, reporting: 3, unhealthy: 1 };

  test('are read as they were stored, and a count that an earlier version did not store is 0', () => {
    const { reporting: _reporting, unhealthy: _unhealthy, ...earlier } = counts;
    expect(readWaveCounts({ a: counts, b: earlier })).toEqual({
      a: counts,
      b: { ...earlier, reporting: 0, unhealthy: 0 },
    });
  });

  test.each(['pairs', 'failed', 'left', 'unhealthy', 'wave', 'spec'])(
    'are left out if %s is damaged, since the wave may not be done',
    (name) => {
      expect(readWaveCounts({ a: { ...counts, [name]: -1 } })).toEqual({});
    },
  );
});

describe('waves', () => {
  test('a percentage is about that share of the devices, always the same ones, and counts the ones before', () => {
    const waves = [{ percent: 5 }, { percent: 30 }];
    const of = [0, 0, 0];
    for (let index = 0; index < 20_000; index++) {
      const wave = waveOf({ waves }, `device-${index}`);
      of[wave] = (of[wave] ?? 0) + 1;
      if (wave === 0) expect(waveOf({ waves: [{ percent: 30 }] }, `device-${index}`)).toBe(0);
    }
    expect(of.map((count) => Math.round(count / 200))).toEqual([5, 25, 70]);
    expect(waveOf({ waves: [{ percent: 100 }] }, 'any')).toBe(0);
  });
});
