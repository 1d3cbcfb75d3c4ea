import { describe, expect, test } from '@jest/globals';
import { silentAfterMs } from '../../../shared/reconcile/moduleHealth.ts';
import { agent, spec } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';

async function runOn(bench: WorkerBench) {
  const { runId } = await bench.start();
  await bench.slices();
  return bench.run(runId);
}

/** Adds a device whose module reports this. */
function add(
  bench: WorkerBench,
  deviceId: string,
  report?: { state?: string; invalidFields?: string[]; agoMs?: number },
) {
  bench.hub.addDevice(deviceId);
  const { agoMs, invalidFields = [], ...state } = report ?? {};
  const activity = agoMs === undefined ? {} : { lastActivityTime: new Date(bench.clock.now() - agoMs).toISOString() };
  bench.hub.addModule(deviceId, agent, report ? { report: { ...state, invalidFields, ...activity } } : {});
}

describe('the health of a run', () => {
  test('counts healthy, failed and silent modules, and the settings that failed ones could not apply', async () => {
    const bench = new WorkerBench();
    const old = silentAfterMs + 60_000;
    add(bench, 'a', { state: 'success', agoMs: 60_000 });
    add(bench, 'b', { state: 'failed', invalidFields: ['Process_Mode', 'Login_UsePAM', 'Process_Mode'], agoMs: 0 });
    add(bench, 'c', { state: 'failed', invalidFields: ['Process_Mode'] });
    add(bench, 'd', { state: 'strange' });
    add(bench, 'e', { state: 'success', agoMs: old });
    add(bench, 'f', { state: 'failed', invalidFields: ['Login_UsePAM'], agoMs: old });
    add(bench, 'g');
    bench.hub.addDevice('without');
    const oldest = new Date(bench.clock.now() - old).toISOString();
    const { health, counts } = await runOn(bench);
    expect(counts).toMatchObject({ created: 1, unchanged: 7 });
    expect(health).toEqual({
      [agent]: {
        healthy: 1,
        failed: 3,
        silent: 3,
        invalidFields: { Process_Mode: 2, Login_UsePAM: 1 },
        oldestActivity: oldest,
      },
    });
  });

  test('has at most 50 names of settings, and none that is no plain name', async () => {
    const bench = new WorkerBench();
    const names = Array.from({ length: 60 }, (_, index) => `Setting_${index}`);
    add(bench, 'a', { state: 'failed', invalidFields: [...names, '<b>', '__proto__', 'x'.repeat(200)] });
    const { health } = await runOn(bench);
    const fields = health?.[agent]?.invalidFields ?? {};
    expect(Object.keys(fields)).toHaveLength(51);
    expect(fields.other).toBe(13);
  });

  test.each([
    { moduleId: 'camera' },
    { ensure: 'absent' as const, removal: { dryRun: 'off', connected: 'leave' } as const },
  ])('is not read for %j', async (changes) => {
    const bench = new WorkerBench();
    bench.policy = [spec(changes)];
    add(bench, 'a', { state: 'failed' });
    expect((await runOn(bench)).health).toEqual({});
  });

  test('does not count a device that the policy excludes', async () => {
    const bench = new WorkerBench();
    bench.policy = [spec({ select: { edge: false, deviceIds: ['b*'] } })];
    add(bench, 'a', { state: 'failed' });
    add(bench, 'b', { state: 'success' });
    expect((await runOn(bench)).health).toMatchObject({ [agent]: { healthy: 1, failed: 0, silent: 0 } });
  });
});
