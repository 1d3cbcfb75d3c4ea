import { describe, expect, test } from '@jest/globals';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import { readReport } from '../../../shared/run/report.ts';
import { agent, spec } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet, sums } from '../worker/fleet.ts';

describe('a sweep on a failing hub', () => {
  test('restarts the listing if the hub refuses a continuation token, and stores that as its reason', async () => {
    const bench = new WorkerBench();
    bench.config = { ...bench.config, limits: tierLimits('S3', 1) };
    fleet(bench, 2500);
    bench.hub.onCall = (operation) => {
      const lists = bench.hub.calls.filter((call) => call.operation === 'listDevices').length;
      if (operation !== 'listDevices' || lists < 3 || lists > 5) return; // a refusal is believed at the third time
      throw bench.hub.error('invalid', { status: 400 });
    };
    const { runId } = await bench.start();
    await bench.slices();
    const run = await bench.run(runId);
    expect(run).toMatchObject({
      status: 'done',
      counts: { devices: 2500, selected: 2500, created: 500, unchanged: 2000 },
    });
    expect(run.reason).toMatch(/restarted/);
  });

  test('fails if the hub always refuses its own continuation tokens', async () => {
    const bench = new WorkerBench();
    bench.config = { ...bench.config, limits: tierLimits('S3', 1) };
    fleet(bench, 2500);
    const registry = bench.hub.registry();
    bench.hub.registry = () => ({
      ...registry,
      listDevices: async (query) => {
        if (query.continuation !== undefined) throw bench.hub.error('invalid', { status: 400 });
        return registry.listDevices(query);
      },
    });
    const { runId } = await bench.start();
    await bench.slices();
    const run = await bench.run(runId);
    expect(run.status).toBe('failed');
    expect(run.reason).toMatch(/refused to continue the listing 4 times/);
  });

  test.each([
    ['identityCap', /limit of 1,000,000 identities/],
    ['dailyQuota', /daily message quota/],
    ['forbidden', /IoT Hub Registry Contributor/],
  ] as const)('fails on %s with a reason that says what to do', async (kind, words) => {
    const bench = new WorkerBench();
    fleet(bench, 20);
    bench.hub.onCall = (operation) => {
      if (operation === 'createModules') throw bench.hub.error(kind, { status: 403 });
    };
    const { runId } = await bench.start();
    await bench.slices();
    const run = await bench.run(runId);
    expect(run.status).toBe('failed');
    expect(run.reason).toMatch(words);
  });

  test('waits while the hub is unavailable, shows the reason in waitingFor, and fails no device', async () => {
    const bench = new WorkerBench();
    bench.sliceMs = 120_000;
    fleet(bench, 100);
    const downUntilMs = bench.clock.now() + 15 * 60_000;
    bench.hub.onCall = () => {
      if (bench.clock.now() < downUntilMs && bench.hub.modules.size >= 20) {
        throw bench.hub.error('unavailable', { status: 503 });
      }
    };
    const { runId } = await bench.start();
    let sawWaiting = false;
    for (let run = await bench.run(runId); run.status !== 'done'; run = await bench.run(runId)) {
      if (await bench.slice()) continue;
      sawWaiting ||= (await bench.run(runId)).waitingFor !== null;
      await bench.clock.advance(300_000); // the longest pause before the worker comes back
    }
    expect(sawWaiting).toBe(true);
    const run = await bench.run(runId);
    expect(run).toMatchObject({ status: 'done', waitingFor: null, counts: { devices: 100, failed: 0, gone: 0 } });
    expect(sums(run)).toEqual({ devices: 100, pairs: 100 });
    expect(bench.hub.modules.size).toBe(100);
  });

  test('counts one device as failed whose every call fails while the hub serves all others', async () => {
    const bench = new WorkerBench();
    fleet(bench, 30);
    bench.hub.onCall = (operation, deviceIds) => {
      if (operation !== 'countDevices' && deviceIds.includes('device-3')) {
        throw bench.hub.error('unavailable', { status: 500 });
      }
    };
    const { runId } = await bench.start();
    await bench.slices();
    expect(await bench.run(runId)).toMatchObject({ status: 'done', counts: { created: 29, failed: 1 } });
    expect(await readReport(bench.documents, await bench.run(runId), 'failures')).toBe(
      `{"deviceId":"device-3","moduleId":"${agent}","outcome":"failed","reason":"HTTP 500"}\n`,
    );
  });

  test('counts modules as created that a bulk call made before its response was lost', async () => {
    const bench = new WorkerBench();
    fleet(bench, 8);
    let lost = 0;
    bench.hub.afterCall = (operation) => {
      if (operation === 'createModules' && lost++ === 0) throw bench.hub.error('unavailable');
    };
    const { runId } = await bench.start();
    await bench.slices();
    expect((await bench.run(runId)).counts).toMatchObject({ created: 8, unchanged: 0, failed: 0 });
    const keys = [...bench.hub.modules.values()].map((modules) => modules.get(agent)?.key);
    expect(keys.sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('counts deleted and disabled devices as gone and blocked although the listing still showed them', async () => {
    const bench = new WorkerBench();
    fleet(bench, 10);
    bench.hub.onCall = (operation) => {
      if (operation !== 'createModules') return;
      bench.hub.deleteDevice('device-1');
      bench.hub.addDevice('device-2', { status: 'disabled' });
    };
    const { runId } = await bench.start();
    bench.hub.onCall = ((before) => async (operation, ids) => {
      await before(operation, ids);
      if (operation === 'createModules') throw bench.hub.error('unauthorized', { status: 401 });
    })(bench.hub.onCall);
    await bench.slices();
    expect((await bench.run(runId)).counts).toMatchObject({ created: 8, gone: 1, blocked: { disabled: 1 } });
  });

  test('fails if more than stop.maxFailurePercent of the devices fail', async () => {
    const bench = new WorkerBench();
    fleet(bench, 300);
    bench.hub.onCall = (operation, deviceIds) => {
      const broken = deviceIds.some((id) => Number(id.slice('device-'.length)) % 3 === 0);
      if (operation !== 'countDevices' && broken) throw bench.hub.error('unavailable', { status: 500 });
    };
    const { runId } = await bench.start();
    await bench.slices();
    const run = await bench.run(runId);
    expect(run.status).toBe('failed');
    expect(run.reason).toMatch(/more than 10 %/);
  });

  test('says in a dry run that meets stop.maxChanges what a run would do, since nothing was done', async () => {
    const bench = new WorkerBench();
    bench.policy = [spec({ stop: { maxFailurePercent: 10, maxChanges: 150 } })];
    fleet(bench, 300);
    const { runId } = await bench.start(true);
    await bench.slices();
    const { status, reason } = await bench.run(runId);
    expect([status, bench.hub.modules.size]).toEqual(['failed', 0]);
    expect(reason).toMatch(/a run would make \d+ changes or more, which is more than stop.maxChanges \(150\)/);
    expect(reason).not.toContain('were created');
  });

  test('fails before it makes more than stop.maxChanges changes', async () => {
    const bench = new WorkerBench();
    bench.policy = [spec({ stop: { maxFailurePercent: 10, maxChanges: 5 } })];
    fleet(bench, 6);
    const { runId } = await bench.start();
    await bench.slices();
    expect(await bench.run(runId)).toMatchObject({ status: 'failed', counts: { created: 0 } });
    expect(bench.hub.modules.size).toBe(0);
  });
});
