import { describe, expect, test } from '@jest/globals';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import { failuresPath, type Run } from '../../../shared/worker/run.ts';
import { agent, spec } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';

function fleet(bench: WorkerBench, count: number): string[] {
  const ids = Array.from({ length: count }, (_, index) => `device-${index}`);
  for (const id of ids) bench.hub.addDevice(id);
  return ids;
}

function sums({ counts }: Run) {
  const of = (byReason: Record<string, number>) => Object.values(byReason).reduce((sum, n) => sum + n, 0);
  const { created, unchanged, gone, failed, blocked, excludedPairs } = counts;
  return {
    devices: counts.selected + of(counts.excluded),
    pairs: created + unchanged + gone + failed + of(blocked) + excludedPairs,
  };
}

describe('a sweep', () => {
  test('makes the module on every selected device and leaves all others alone', async () => {
    const bench = new WorkerBench();
    const ids = fleet(bench, 230);
    bench.hub.addModule('device-7', agent);
    bench.hub.addDevice('edge', { edge: true });
    bench.hub.addDevice('off', { status: 'disabled' });
    bench.hub.addDevice("a'b");
    const keyBefore = bench.hub.moduleOf('device-7', agent)?.key;
    const { runId } = await bench.start();
    await bench.slices();
    const run = await bench.run(runId);
    expect(run).toMatchObject({
      status: 'done',
      reason: null,
      waitingFor: null,
      counts: {
        devices: 233,
        selected: 232,
        excluded: { edge: 1 },
        created: 230,
        unchanged: 1,
        blocked: { disabled: 1 },
      },
      progress: { pages: 3 },
    });
    expect(sums(run)).toEqual({ devices: 233, pairs: 232 });
    for (const id of [...ids, "a'b"]) expect(bench.hub.moduleOf(id, agent)).toBeDefined();
    expect(bench.hub.moduleOf('edge', agent)).toBeUndefined();
    expect(bench.hub.moduleOf('device-7', agent)?.key).toBe(keyBefore);
    const failures = (await bench.documents.readText(failuresPath('contoso', runId))) ?? '';
    expect(
      failures
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([{ deviceId: 'off', moduleId: agent, outcome: 'blocked', reason: 'disabled' }]);
  });

  test('run again changes nothing and says so', async () => {
    const bench = new WorkerBench();
    fleet(bench, 50);
    await bench.start();
    await bench.slices();
    const { runId } = await bench.start();
    await bench.slices();
    expect((await bench.run(runId)).counts).toMatchObject({ created: 0, unchanged: 50 });
  });

  test('goes on over many slices, in the middle of a page, without doing anything twice', async () => {
    const bench = new WorkerBench();
    bench.sliceMs = 20_000;
    const ids = fleet(bench, 260);
    const { runId } = await bench.start();
    expect(await bench.slices()).toBeGreaterThan(5);
    const run = await bench.run(runId);
    expect(run).toMatchObject({ status: 'done', counts: { created: 260, unchanged: 0 } });
    expect(ids.every((id) => bench.hub.moduleOf(id, agent))).toBe(true);
  });

  test('in no window of a minute creates more than the granted share of the hub', async () => {
    const bench = new WorkerBench();
    bench.sliceMs = 60_000;
    fleet(bench, 400);
    await bench.start();
    await bench.slices();
    const creates = bench.hub.calls.filter(({ operation }) => operation === 'createModules');
    for (const { atMs } of creates) {
      const inWindow = creates.filter((call) => call.atMs > atMs - 60_000 && call.atMs <= atMs);
      expect(inWindow.reduce((sum, call) => sum + call.cost, 0)).toBeLessThanOrEqual(50);
    }
  });

  test('as a dry run reports what it would make, and makes nothing', async () => {
    const bench = new WorkerBench();
    fleet(bench, 30);
    const { runId } = await bench.start(true);
    await bench.slices();
    expect(await bench.run(runId)).toMatchObject({ status: 'done', dryRun: true, counts: { created: 30 } });
    expect(bench.hub.modules.size).toBe(0);
  });

  test('begins anew when the hub refuses its continuation token, and says so', async () => {
    const bench = new WorkerBench();
    bench.config = { ...bench.config, limits: tierLimits('S3', 1) };
    fleet(bench, 2500);
    let refused = false;
    bench.hub.onCall = (operation) => {
      const lists = bench.hub.calls.filter((call) => call.operation === 'listDevices').length;
      if (operation !== 'listDevices' || lists !== 3 || refused) return;
      refused = true;
      throw bench.hub.error('invalid', { status: 400 });
    };
    const { runId } = await bench.start();
    await bench.slices();
    const run = await bench.run(runId);
    expect(run).toMatchObject({
      status: 'done',
      counts: { devices: 2500, selected: 2500, created: 500, unchanged: 2000 },
    });
    expect(run.reason).toMatch(/begun anew/);
  });

  test('gives up when the hub refuses its own continuation tokens for good', async () => {
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
    expect(run.reason).toMatch(/refused to go on with the listing 4 times/);
  });

  test('notes before it begins how large, how long and how dear it will be', async () => {
    const bench = new WorkerBench();
    fleet(bench, 600);
    bench.hub.addModule('device-1', 'camera');
    const { runId } = await bench.start();
    bench.sliceMs = 20_000;
    await bench.slice();
    expect((await bench.run(runId)).preflight).toEqual({
      devices: 600,
      modules: 1,
      places: 1_000_000 - 601 - 10_000,
      hoursAtMost: 0.2, // 600 modules at 50 a minute
      listingMessages: 33, // 600 rows of 220 bytes in messages of 4096
      warnings: [],
    });
    expect(bench.log.lines.some(({ message }) => message === 'Preflight')).toBe(true);
  });

  test('does not begin on a hub that is nearly full, and makes nothing there', async () => {
    const bench = new WorkerBench();
    fleet(bench, 10);
    bench.hub.otherIdentities = 989_995;
    const { runId } = await bench.start();
    await bench.slices();
    const run = await bench.run(runId);
    expect(run.status).toBe('failed');
    expect(run.reason).toMatch(/the last 10000 are left to its owner/);
    expect(bench.hub.modules.size).toBe(0);
  });

  test("ends before it takes the owner's last places, counting again what others added or removed", async () => {
    const bench = new WorkerBench();
    fleet(bench, 40);
    bench.hub.otherIdentities = 990_000 - 40 - 22;
    const { runId } = await bench.start();
    bench.hub.afterCall = (operation) => {
      if (operation === 'createModules' && bench.hub.modules.size === 10) bench.hub.otherIdentities -= 5;
    };
    await bench.slices();
    const run = await bench.run(runId);
    expect(run.status).toBe('failed');
    expect(run.preflight?.warnings.join()).toMatch(/At most 22 modules can be created/);
    expect(bench.hub.modules.size).toBeGreaterThanOrEqual(22);
    expect(bench.hub.modules.size).toBeLessThanOrEqual(27);
  });

  test('does not begin where listing would use up the daily message quota', async () => {
    const bench = new WorkerBench();
    bench.config = { ...bench.config, tier: 'F1' };
    bench.hub.otherIdentities = 50_000;
    const { runId } = await bench.start();
    await bench.slices();
    expect((await bench.run(runId)).reason).toMatch(/costs about \d+ messages, more than the granted 50 %/);
  });

  test.each([
    ['identityCap', /as many identities as it may/],
    ['dailyQuota', /daily message quota/],
    ['forbidden', /IoT Hub Registry Contributor/],
  ] as const)('ends failed on %s and says what to do', async (kind, words) => {
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

  test('waits while the hub is unavailable, shows what it waits for, and blames no device', async () => {
    const bench = new WorkerBench();
    bench.sliceMs = 120_000;
    fleet(bench, 100);
    const downUntilMs = bench.clock.now() + 15 * 60_000;
    bench.hub.onCall = () => {
      if (
        bench.clock.now() > bench.clock.now() - 1 &&
        bench.clock.now() < downUntilMs &&
        bench.hub.modules.size >= 20
      ) {
        throw bench.hub.error('unavailable', { status: 503 });
      }
    };
    const { runId } = await bench.start();
    let sawWaiting = false;
    while (await bench.slice()) sawWaiting ||= (await bench.run(runId)).waitingFor !== null;
    expect(sawWaiting).toBe(true);
    const run = await bench.run(runId);
    expect(run).toMatchObject({ status: 'done', waitingFor: null, counts: { devices: 100, failed: 0, gone: 0 } });
    expect(sums(run)).toEqual({ devices: 100, pairs: 100 });
    expect(bench.hub.modules.size).toBe(100);
  });

  test('gives up one device that never answers while the hub serves all others', async () => {
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
    expect(await bench.documents.readText(failuresPath('contoso', runId))).toBe(
      `{"deviceId":"device-3","moduleId":"${agent}","outcome":"failed","reason":"HTTP 500"}\n`,
    );
  });

  test('counts as created what a bulk call made before its answer was lost', async () => {
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

  test('notices deleted and disabled devices that the listing still showed', async () => {
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

  test('stops when more than the allowed share of devices fails', async () => {
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

  test('stops before it makes more changes than the policy allows', async () => {
    const bench = new WorkerBench();
    bench.policy = [spec({ stop: { maxFailurePercent: 10, maxChanges: 5 } })];
    fleet(bench, 6);
    const { runId } = await bench.start();
    await bench.slices();
    expect(await bench.run(runId)).toMatchObject({ status: 'failed', counts: { created: 0 } });
    expect(bench.hub.modules.size).toBe(0);
  });

  test('keeps its sums with several specs that select different devices', async () => {
    const bench = new WorkerBench();
    bench.policy = [spec(), spec({ moduleId: 'telemetry', select: { edge: true } })];
    fleet(bench, 5);
    bench.hub.addDevice('edge', { edge: true });
    const { runId } = await bench.start();
    await bench.slices();
    const run = await bench.run(runId);
    expect(run.counts).toMatchObject({ devices: 6, selected: 6, created: 11, excludedPairs: 1 });
    expect(sums(run)).toEqual({ devices: 6, pairs: 12 });
    expect([...(bench.hub.modules.get('edge')?.keys() ?? [])]).toEqual(['telemetry']);
  });

  test('gives certificate-authority devices a module of their own kind, and seeds twins', async () => {
    const bench = new WorkerBench();
    bench.policy = [spec({ twin: { mode: 'seed', desired: { level: 3 } } })];
    bench.hub.addDevice('ca', { authenticationType: 'certificateAuthority' });
    bench.hub.addDevice('thumbprint', { authenticationType: 'selfSigned' });
    await bench.start();
    await bench.slices();
    expect(bench.hub.moduleOf('ca', agent)).toMatchObject({
      authentication: 'certificateAuthority',
      twin: { desired: { level: 3 } },
    });
    expect(bench.hub.moduleOf('thumbprint', agent)).toMatchObject({ authentication: 'sas' });
  });
});
