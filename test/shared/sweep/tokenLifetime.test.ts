import { expect, test } from '@jest/globals';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import type { Registry } from '../../../shared/hub/registry.ts';
import type { Run } from '../../../shared/run/run.ts';
import { driveRun } from '../../support/driveRun.ts';
import { agent } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet, sums } from '../worker/fleet.ts';

/** An S1 hub that refuses a continuation token of a listing when it is older than `lifetimeMs`. */
function benchWithLifetime(devices: number, lifetimeMs: number, units = 1): WorkerBench {
  const bench = new WorkerBench();
  bench.config = { ...bench.config, units, limits: tierLimits('S1', units) };
  fleet(bench, devices);
  bench.hub.onCall = (operation) => bench.clock.sleep(operation === 'createModules' ? 900 : 200);
  const registry = bench.hub.registry();
  const issuedAtMs = new Map<string, number>();
  const listDevices: Registry['listDevices'] = async (query) => {
    const { continuation: token } = query;
    const ageMs =
      token === undefined ? Number.NEGATIVE_INFINITY : bench.clock.elapsedMs() - (issuedAtMs.get(token) ?? 0);
    if (ageMs > lifetimeMs) throw bench.hub.error('invalid', { status: 400 });
    const page = await registry.listDevices(query);
    if (page.continuation !== undefined) issuedAtMs.set(page.continuation, bench.clock.elapsedMs());
    return page;
  };
  bench.hub.registry = () => ({ ...registry, listDevices });
  return bench;
}

const modulesOf = ({ hub }: WorkerBench) => [...hub.modules.values()].filter((modules) => modules.has(agent)).length;

const listings = ({ hub }: WorkerBench) => hub.calls.filter(({ operation }) => operation === 'listDevices').length;

async function sweep(bench: WorkerBench, dryRun = false): Promise<{ run: Run; minutes: number }> {
  const { runId } = await bench.start(dryRun);
  const { run, tookMs } = await driveRun(bench, runId);
  return { run, minutes: tookMs / 60_000 };
}

test.each([30_000, 90_000, 600_000])(
  'a sweep of an S1 hub whose continuation tokens expire after %i ms is done, about as soon as any other',
  async (lifetimeMs) => {
    const bench = benchWithLifetime(1_500, lifetimeMs);
    const { run, minutes } = await sweep(bench);
    expect([run.status, sums(run)]).toEqual(['done', { devices: 1_500, pairs: 1_500 }]);
    expect(modulesOf(bench)).toBe(1_500);
    expect(run.checkpoint.restarts).toBeLessThanOrEqual(1);
    expect(minutes).toBeLessThan(34); // 1,500 modules at 50 a minute take 30
  },
);

test('a listing that cannot be kept ahead of its creates goes on with restarts, as long as each one gets further', async () => {
  const bench = benchWithLifetime(16_000, 90_000, 10);
  const { run, minutes } = await sweep(bench);
  expect([run.status, modulesOf(bench)]).toEqual(['done', 16_000]);
  expect(sums(run)).toEqual({ devices: 16_000, pairs: 16_000 });
  expect(run.checkpoint.restarts).toBe(2); // 10,000 changes are read ahead
  expect(minutes).toBeLessThan(16_000 / 500 + 5);
  expect(listings(bench)).toBeLessThan(4 * 16);
});

test('a dry run on a hub whose continuation tokens expire is done', async () => {
  const bench = benchWithLifetime(1_500, 30_000);
  const { run } = await sweep(bench, true);
  expect([run.status, run.counts.created, modulesOf(bench)]).toEqual(['done', 1_500, 0]);
});

test('a run ends if its restarts get no further and create nothing', async () => {
  const bench = benchWithLifetime(1_500, -1);
  const { run } = await sweep(bench);
  expect(run).toMatchObject({
    status: 'failed',
    reason: expect.stringMatching(/refused to continue the listing 4 times.* no further than 100 devices/),
  });
  expect(modulesOf(bench)).toBe(100);
});
