import { describe, expect, test } from '@jest/globals';
import * as z from 'zod/mini';
import { hubList, status } from '../../../shared/api/statusSchemas.ts';
import { startUndo } from '../../../shared/run/runStore.ts';
import { readHubList } from '../../../shared/status/readStatus.ts';
import { agent, spec } from '../../support/policy.ts';
import { hubConfig } from '../hub/hubConfig.ts';
import { StatusBench } from './statusBench.ts';

/** A hub with 6 devices: two have the module, one is disabled, one is an Edge device. */
function benchWithDevices(): StatusBench {
  const bench = new StatusBench();
  for (const id of ['a', 'b', 'c', 'd']) bench.hub.addDevice(id);
  bench.hub.addModule('a', agent);
  bench.hub.addModule('b', agent);
  bench.hub.addDevice('off', { status: 'disabled' });
  bench.hub.addDevice('edge', { edge: true });
  return bench;
}

describe('the status', () => {
  test('of a hub that was never swept has nulls, and its next sweep', async () => {
    const bench = benchWithDevices();
    expect(await bench.status()).toMatchObject({
      version: '1.2.3',
      schedule: '0 0 2 * * *',
      policy: { modules: [agent], fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) },
      hubs: [
        {
          ...{ hub: 'contoso', hostName: 'contoso.azure-devices.net', paused: false, outOfService: null, unknown: [] },
          ...{ coverage: null, lastFinishedSweep: null, liveRun: null, queuedRun: null, pending: 0, waitingFor: null },
          ...{ headroom: null, full: null, runs: [], failures: null, givenUp: [] },
        },
      ],
    });
    const { nextSweep } = await bench.row();
    expect(nextSweep).toMatch(/T02:00:00.000Z$/);
    expect(Date.parse(nextSweep ?? '')).toBeGreaterThan(bench.clock.now());
  });

  test('of a swept hub has its coverage with the reasons, its run, and what to do about its failures', async () => {
    const bench = benchWithDevices();
    const { runId } = await bench.start();
    await bench.slices();
    const callsBefore = bench.hubCalls;
    const row = await bench.row();
    expect(row).toMatchObject({
      coverage: {
        runId,
        share: 4 / 5,
        incomplete: false,
        policyIsCurrent: true,
        counts: { devices: 6, selected: 5, withModule: 4, missing: 0, excluded: { edge: 1 }, blocked: { disabled: 1 } },
      },
      lastFinishedSweep: { runId },
      runs: [{ runId, status: 'done', startedBy: 'http' }],
      failures: {
        runId,
        total: 1,
        causes: [{ outcome: 'blocked', reason: 'disabled', count: 1, advice: expect.stringMatching(/Enable it/) }],
      },
      headroom: { places: expect.any(Number) },
      budget: { registry: { grantedPerMinute: 50, usedLastMinute: expect.any(Number) } },
    });
    expect(bench.hubCalls).toBe(callsBefore);
    expect(z.safeParse(status, await bench.status()).error).toBeUndefined();
    expect(z.safeParse(hubList, await readHubList(bench.statusDeps)).error).toBeUndefined();
  });

  test('has what agents reported in the last finished sweep', async () => {
    const bench = benchWithDevices();
    expect((await bench.row()).health).toBeNull();
    const { runId } = await bench.start();
    await bench.slices();
    expect((await bench.row()).health).toEqual({ [agent]: (await bench.run(runId)).health?.[agent] });
    expect((await bench.row()).health?.[agent]).toMatchObject({ silent: 2 });
  });

  test('has how far each rollout is, and why one is held', async () => {
    const bench = benchWithDevices();
    bench.policy = [
      spec({
        rollout: {
          waves: [{ deviceIds: ['a', 'c'] }],
          pauseHours: 0,
          stopWhen: { failedPercent: 0, unhealthyPercent: 100 },
        },
      }),
    ];
    expect((await bench.row()).rollouts).toEqual([{ moduleId: agent, wave: 1, waves: 2, doneAt: null, held: null }]);
    bench.hub.onCall = (operation, deviceIds) => {
      if (operation.startsWith('create') && deviceIds.includes('c')) throw bench.hub.error('invalid', { status: 400 });
    };
    await bench.start();
    await bench.slices();
    const held = expect.stringMatching(/failed/);
    expect((await bench.row()).rollouts).toEqual([{ moduleId: agent, wave: 1, waves: 2, doneAt: null, held }]);
    bench.hub.onCall = () => {};
    await bench.start();
    await bench.slices();
    expect((await bench.row()).rollouts).toMatchObject([{ moduleId: agent, wave: 2, waves: 2, held: null }]);
  });

  test('has the live and the queued run with what they wait for', async () => {
    const bench = benchWithDevices();
    const live = await bench.start();
    const dry = await bench.start(true);
    const row = await bench.row();
    expect(row.liveRun).toMatchObject({ runId: live.runId, status: 'queued', waitingFor: expect.any(String) });
    expect(row.queuedRun).toMatchObject({ runId: dry.runId, dryRun: true });
    expect(row.queuedRun?.waitingFor).toContain(live.runId);
    expect(row.waitingFor).toBe(row.liveRun?.waitingFor);
    expect(z.safeParse(status, await bench.status()).error).toBeUndefined();
  });

  test('counts dry runs among the runs, and not as coverage or failures', async () => {
    const bench = benchWithDevices();
    await bench.start(true);
    await bench.slices();
    const row = await bench.row();
    expect(row).toMatchObject({ coverage: null, failures: null, runs: [{ dryRun: true, status: 'done' }] });
  });

  test('says of the coverage that an undo was started since, until the next sweep', async () => {
    const bench = new StatusBench();
    bench.policy = [spec({ moduleId: 'old', ensure: 'absent', removal: { dryRun: 'off', connected: 'leave' } })];
    bench.hub.addDevice('a');
    bench.hub.addModule('a', 'old');
    const { runId } = await bench.start();
    await bench.slices();
    expect((await bench.row()).coverage).toMatchObject({ runId, undoneBy: null });
    const { run: undo } = await startUndo(bench.deps, 'contoso', runId);
    await bench.slices();
    expect(bench.hub.moduleOf('a', 'old')).toBeDefined();
    expect((await bench.row()).coverage).toMatchObject({ runId, undoneBy: undo.runId });
    const next = await bench.start();
    await bench.slices();
    expect((await bench.row()).coverage).toMatchObject({ runId: next.runId, undoneBy: null });
  });

  test('of a paused hub says so and expects no sweep', async () => {
    const bench = benchWithDevices();
    bench.config = { ...bench.config, paused: true };
    expect(await bench.row()).toMatchObject({
      paused: true,
      nextSweep: null,
      waitingFor: expect.stringMatching(/paused/),
    });
  });

  test('expects no sweep while nightlySweep is disabled', async () => {
    const bench = benchWithDevices();
    bench.isSweepDisabled = true;
    expect(await bench.status()).toMatchObject({ sweepDisabled: true, hubs: [{ nextSweep: null }] });
  });

  test('has a row for a hub out of service, also without a name', async () => {
    const bench = benchWithDevices();
    const problems = [{ setting: 'HUBS[1].tier', message: 'write S1' }];
    bench.outOfService = [{ name: 'broken', problems }, { problems }];
    const { hubs } = await bench.status();
    expect(hubs.map(({ hub, outOfService }) => [hub, outOfService])).toEqual([
      ['contoso', null],
      ['broken', problems],
      [null, problems],
    ]);
  });

  test.each(['hubs/contoso.json', 'recent/contoso.json', 'the document of the live run'])(
    'shows a damaged %s as unknown, and everything else',
    async (which) => {
      const bench = benchWithDevices();
      bench.otherHubs = [hubConfig({ name: 'other' })];
      const { runId } = await bench.start();
      await bench.pending.add('contoso', { deviceId: 'x', tries: 0 }, 0);
      const path = which.startsWith('the') ? `runs/contoso/${runId}.json` : which;
      await bench.documents.putRaw(path, '{"truncated":');
      const { hubs } = await bench.status();
      const isRemade = path.startsWith('recent/'); // it follows from the runs
      expect(hubs[0]).toMatchObject({
        hub: 'contoso',
        pending: 1,
        unknown: isRemade ? [] : [{ what: path, why: expect.stringMatching(/damaged/) }],
      });
      expect(hubs[1]).toMatchObject({ hub: 'other', unknown: [] });
    },
  );

  test('of a document with members of wrong types is still a row', async () => {
    const bench = benchWithDevices();
    await bench.documents.putRaw(
      'hubs/contoso.json',
      '{"activeRun":7,"headroom":"x","givenUp":[{}],"lastFinishedSweep":[]}',
    );
    expect(await bench.row()).toMatchObject({ unknown: [], liveRun: null, headroom: null, givenUp: [] });
  });

  test('fails if storage serves no request, and shows as unknown what fails for one hub', async () => {
    const bench = benchWithDevices();
    bench.otherHubs = [hubConfig({ name: 'other' })];
    const down = Object.assign(new Error('down'), { name: 'RestError', statusCode: 503 });
    const { read } = bench.documents;
    const failFor = (prefix: string) => {
      bench.documents.read = (path) =>
        path.startsWith(prefix) ? Promise.reject(down) : (read.call(bench.documents, path) as never);
    };
    failFor('');
    await expect(bench.status()).rejects.toBe(down);
    failFor('hubs/other');
    expect((await bench.status()).hubs[1]).toMatchObject({
      hub: 'other',
      coverage: null,
      unknown: [{ what: 'hubs/other.json', why: expect.stringMatching(/cannot be reached/) }],
    });
  });

  test('has a row for a hub whose storage does not respond', async () => {
    const bench = benchWithDevices();
    bench.otherHubs = [hubConfig({ name: 'other' })];
    const { approximateCount } = bench.pending;
    bench.pending.approximateCount = (hub) =>
      hub === 'other' ? new Promise(() => {}) : approximateCount.call(bench.pending, hub);
    expect((await bench.status()).hubs).toMatchObject([
      { hub: 'contoso', pending: 0 },
      { hub: 'other', pending: null, unknown: [{ why: expect.stringMatching(/slow/) }] },
    ]);
  });
});
