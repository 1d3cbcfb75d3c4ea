import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import { readHubDocument, writeFullSince } from '../../../shared/run/hubDocument.ts';
import { agent, spec } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';

const hub = 'contoso';
/** Of the 1,000,000 identities 10,000 are reserved. */
const usable = 990_000;

/** A large hub that a run has counted, with so many places left once `devices` have been created. */
async function hubWithPlaces(places: number, devices: number): Promise<WorkerBench> {
  const bench = new WorkerBench();
  bench.config = { ...bench.config, tier: 'S3', limits: tierLimits('S3', 1) };
  bench.hub.otherIdentities = usable - places - devices;
  await bench.start();
  await bench.slices();
  for (let index = 0; index < devices; index++) {
    bench.hub.addDevice(`new-${index}`);
    await bench.pending.add(hub, { deviceId: `new-${index}`, tries: 0 }, 0);
  }
  bench.hub.otherIdentities = usable - places - devices;
  return bench;
}

const modulesOf = ({ hub: { modules } }: WorkerBench): number =>
  [...modules.values()].reduce((sum, { size }) => sum + size, 0);

describe('pending devices of a hub with little headroom', () => {
  test('get no more modules than there are places, and the others stay pending', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 500 }),
        fc.integer({ min: 1, max: 400 }),
        fc.constantFrom(1, 2),
        async (places, devices, specs) => {
          const bench = await hubWithPlaces(places, devices);
          if (specs === 2) bench.policy = [spec(), spec({ moduleId: 'other' })];
          expect(await bench.slice()).toBe(false);
          const most = Math.min(devices * specs, places);
          expect(modulesOf(bench)).toBeLessThanOrEqual(most);
          expect(modulesOf(bench)).toBeGreaterThan(most - specs);
          expect(bench.pending.deviceIds(hub)).toHaveLength(devices - modulesOf(bench) / specs);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('get none of the reserved headroom, although others take places between their batches', async () => {
    const bench = await hubWithPlaces(700, 600);
    bench.hub.afterCall = (operation) => {
      if (operation === 'createModules') bench.hub.otherIdentities += 100;
    };
    expect(await bench.slice()).toBe(false);
    expect(modulesOf(bench)).toBeGreaterThan(0);
    expect(modulesOf(bench)).toBeLessThan(600);
    // What the others take while the last two batches are under way.
    const over = bench.hub.devices.size + modulesOf(bench) + bench.hub.otherIdentities - usable;
    expect(over).toBeLessThanOrEqual(200);
  });
});

describe('a full hub', () => {
  test.each([
    ['never counted its modules: its devices are tried, and it stays marked as full', 0, true],
    ['counted its modules before: its devices stay pending, and it stays marked as full', 1, false],
  ])('that cannot count, and %s', async (_what, runs, hasModule) => {
    const bench = new WorkerBench();
    for (let run = 0; run < runs; run++) {
      await bench.start();
      await bench.slices();
    }
    const fullSince = '2026-11-23T01:00:00.000Z';
    await writeFullSince(bench.documents, hub, fullSince);
    bench.hub.addDevice('new');
    await bench.pending.add(hub, { deviceId: 'new', tries: 0 }, 0);
    bench.hub.onCall = (operation) => {
      if (operation === 'countModules') throw bench.hub.error('invalid');
    };
    await bench.slice();
    expect(bench.hub.moduleOf('new', agent) !== undefined).toBe(hasModule);
    expect((await readHubDocument(bench.documents, hub)).fullSince).toBe(fullSince);
  });
});
