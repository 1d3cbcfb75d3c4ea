import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  flappingModules,
  flappingRepairs,
  maxRepaired,
  noteRepairs,
  type RepairedModule,
  readFlappingModules,
  repairWindowMs,
  widelyFlapping,
  widelyFlappingFrom,
  withRepairs,
} from '../../../shared/run/repairs.ts';
import { MemoryDocuments } from '../../support/memoryStorage.ts';

const startMs = Date.parse('2026-11-29T00:00:00Z');
const hourMs = 3600_000;
const pair = (deviceId: string, moduleId = 'agent') => ({ deviceId, moduleId });
const names = (modules: readonly { deviceId: string }[]) => modules.map(({ deviceId }) => deviceId);

/** The list after repairs of one module at these hours. */
function repairedAt(...hours: number[]): RepairedModule[] {
  return hours.reduce<RepairedModule[]>((list, hour) => withRepairs(list, [pair('a')], startMs + hour * hourMs), []);
}

describe('a module that was repaired', () => {
  test('flaps from its fifth repair within a day, until a day after the last one', () => {
    const list = repairedAt(0, 1, 2, 3, 10);
    expect(flappingModules(repairedAt(0, 1, 2, 3), startMs + 3 * hourMs)).toEqual([]);
    expect(flappingModules(list, startMs + 10 * hourMs)).toEqual([
      { ...pair('a'), lastRepairAt: '2026-11-29T10:00:00.000Z', until: '2026-11-30T10:00:00.000Z' },
    ]);
    expect(names(flappingModules(list, startMs + 34 * hourMs - 1))).toEqual(['a']);
    expect(flappingModules(list, startMs + 34 * hourMs)).toEqual([]);
  });

  test('does not flap if it is repaired every seven hours', () => {
    for (let repairs = 1; repairs < 20; repairs++) {
      const hours = Array.from({ length: repairs }, (_, index) => index * 7);
      expect(flappingModules(repairedAt(...hours), startMs + (repairs - 1) * 7 * hourMs)).toEqual([]);
    }
  });
});

describe('the list of repairs', () => {
  test('is bounded and without duplicates, keeps the last repairs, and no module flaps in it that had fewer than five', () => {
    const batch = fc.record({
      afterMs: fc.integer({ min: 0, max: 10 * hourMs }),
      first: fc.nat(900),
      length: fc.nat(400),
    });
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 12 }), (batches) => {
        let nowMs = startMs;
        let list: RepairedModule[] = [];
        const all = new Map<string, number[]>();
        for (const { afterMs, first, length } of batches) {
          nowMs += afterMs;
          const modules = Array.from({ length }, (_, index) => pair(`d${first + index}`));
          for (const { deviceId } of modules) all.set(deviceId, [...(all.get(deviceId) ?? []), nowMs]);
          list = withRepairs(list, modules, nowMs);
          expect(list.length).toBeLessThanOrEqual(maxRepaired);
          expect(new Set(names(list)).size).toBe(list.length);
          expect(names(list)).toEqual(expect.arrayContaining(names(modules.slice(0, maxRepaired / 2))));
        }
        for (const { deviceId } of flappingModules(list, nowMs)) {
          const [first = 0, ...others] = (all.get(deviceId) ?? []).slice(-flappingRepairs);
          expect(others.length).toBe(flappingRepairs - 1);
          expect((others.at(-1) ?? 0) - first).toBeLessThanOrEqual(repairWindowMs);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('finds one that flaps beside 1,000 that are repaired once, and keeps it beside 5,000 more', () => {
    let list: RepairedModule[] = [];
    const others = (round: number) => Array.from({ length: 200 }, (_, index) => pair(`d${round}-${index}`));
    for (let round = 0; round < flappingRepairs + 25; round++) {
      const atMs = startMs + Math.min(round, flappingRepairs) * hourMs;
      if (round < flappingRepairs) list = withRepairs(list, [pair('flaps')], atMs);
      list = withRepairs(list, others(round), atMs);
    }
    expect(names(flappingModules(list, startMs + 6 * hourMs))).toEqual(['flaps']);
  });

  test('finds that somebody works against the policy, though 10,000 modules take turns', () => {
    let list: RepairedModule[] = [];
    for (let round = 0; round < flappingRepairs + 1; round++) {
      for (let from = 0; from < 10_000; from += 100) {
        const modules = Array.from({ length: 100 }, (_, index) => pair(`d${from + index}`));
        list = withRepairs(list, modules, startMs + round * hourMs);
      }
    }
    const flapping = flappingModules(list, startMs + 6 * hourMs);
    expect(flapping.length).toBeGreaterThanOrEqual(widelyFlappingFrom);
    expect(widelyFlapping(flapping)).toEqual(new Set(['agent']));
  });
});

describe('the stored list of repairs', () => {
  const path = 'repairs/contoso.json';

  test('is empty without a document, and forgets what it does not understand', async () => {
    const documents = new MemoryDocuments();
    expect(await readFlappingModules(documents, 'contoso', startMs)).toEqual([]);
    const repairedAt = Array.from({ length: 5 }, () => new Date(startMs).toISOString());
    const modules = [7, {}, { ...pair('x'), repairedAt: 'no' }, { ...pair('y'), repairedAt: ['no'] }];
    await documents.write(path, { modules: [...modules, { ...pair('a'), repairedAt }] }, undefined);
    expect(names(await readFlappingModules(documents, 'contoso', startMs))).toEqual(['a']);
  });

  test('tells when a module begins to flap, once', async () => {
    const documents = new MemoryDocuments();
    const added: string[][] = [];
    for (let repair = 0; repair < 7; repair++) {
      const noted = await noteRepairs(documents, 'contoso', [pair('a'), pair(`other-${repair}`)], startMs + repair);
      added.push(names(noted.added));
    }
    expect(added).toEqual([[], [], [], [], ['a'], [], []]);
  });

  test('loses no repair of ten writers at a time', async () => {
    const documents = new MemoryDocuments();
    const ids = Array.from({ length: 10 }, (_, index) => `d${index}`);
    for (let repair = 0; repair < flappingRepairs; repair++) {
      await Promise.all(ids.map((id) => noteRepairs(documents, 'contoso', [pair(id)], startMs)));
    }
    expect(names(await readFlappingModules(documents, 'contoso', startMs)).sort()).toEqual(ids);
  });
});
