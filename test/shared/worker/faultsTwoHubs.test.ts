import { describe, expect, test } from '@jest/globals';
import { driveRun } from '../../support/driveRun.ts';
import { agent } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { benchWithFleet, expectTruth, keysOf } from './faultsFleet.ts';

async function sweepOf(bench: WorkerBench) {
  const keys = keysOf(bench);
  const { runId } = await bench.start();
  const life = await driveRun(bench, runId);
  expectTruth(bench, life.run, keys);
  return life.tookMs;
}

describe('a sweep on one of two hubs', () => {
  test.each([
    ['does not respond for 100 s in every call', 100_000],
    ['refuses every connection', 0],
  ])('is as fast as with one hub while the other %s', async (_mood, hangMs) => {
    const fleet = { tier: 'S2', units: 1 } as const;
    const aloneMs = await sweepOf(benchWithFleet(1_000, fleet));
    const healthy = benchWithFleet(1_000, fleet);
    const other = new WorkerBench(healthy.clock);
    other.config = { ...other.config, name: 'fabrikam' };
    other.hub.addDevice('unreachable');
    other.hub.onCall = async () => {
      await other.clock.sleep(hangMs);
      throw other.hub.error('unavailable', { code: hangMs > 0 ? 'ETIMEDOUT' : 'ECONNREFUSED' });
    };
    const { runId } = await other.start();
    await other.pending.add('fabrikam', { deviceId: 'unreachable', tries: 0 }, 0);
    await healthy.pending.add('contoso', { deviceId: 'device-0', tries: 0 }, 0);
    let ended = false;
    const otherLife = (async () => {
      while (!ended) if (!(await other.slice())) await other.clock.sleep(30_000);
    })();
    const tookMs = await sweepOf(healthy);
    expect(healthy.hub.moduleOf('device-0', agent)).toBeDefined();
    expect(tookMs).toBeLessThan(aloneMs * 1.05 + 5_000);
    const run = await other.run(runId);
    expect(run.waitingFor ?? run.reason).toMatch(/unavailable/);
    expect(['queued', 'running']).toContain(run.status);
    expect(other.pending.deviceIds('fabrikam')).toEqual(['unreachable']);
    ended = true;
    await other.clock.run(otherLife);
  });
});
