import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { whenFull } from '../../../shared/status/whenFull.ts';

const dayMs = 24 * 3600 * 1000;
const nowMs = Date.UTC(2026, 10, 29);
const iso = (ms: number) => new Date(ms).toISOString();

/** A run each night of the last `nights`, the hub having `devices(night)` devices; night 0 is the last one. */
const nightly = (nights: number, devices: (night: number) => number | null) =>
  Array.from({ length: nights }, (_, night) => ({
    startedAt: iso(nowMs - night * dayMs),
    devicesAtStart: devices(night),
  }));
const headroom = (places: number) => ({ headroom: { places, countedAt: iso(nowMs) } });

describe('whenFull', () => {
  test('divides the headroom by the pace at which devices come, each with its modules', () => {
    const runs = nightly(15, (night) => 10_000 - 100 * night);
    const full = whenFull(headroom(20_000), runs, 1, nowMs);
    expect(full).toEqual({
      on: '2027-03-09', // 100 days
      devicesPerDay: 100,
      measuredFrom: iso(nowMs - 14 * dayMs),
      measuredTo: iso(nowMs),
    });
    expect(whenFull(headroom(20_000), runs, 3, nowMs)?.on).toBe('2027-01-18'); // 50 days
  });

  test.each([
    ['the headroom is not known', {}, nightly(15, (night) => 100 - night)],
    ['it is full already', { ...headroom(0), fullSince: iso(nowMs) }, nightly(15, (night) => 100 - night)],
    ['there are fewer than five runs', headroom(100), nightly(4, (night) => 100 - night)],
    ['the runs span less than a week', headroom(100), nightly(7, (night) => 100 - night)],
    ['runs did not count the devices', headroom(100), nightly(15, () => null)],
    ['the number stands still', headroom(100), nightly(15, () => 50)],
    ['devices become fewer', headroom(100), nightly(15, (night) => 50 + night)],
    ['the day is more than ten years ahead', headroom(980_000), nightly(15, (night) => 50 - night)],
  ])('says nothing where %s', (_why, document, runs) => {
    expect(whenFull(document, runs, 1, nowMs)).toBeNull();
  });

  test('never says a day before today, nor one more than ten years ahead', () => {
    const points = fc.array(fc.record({ day: fc.integer({ min: 0, max: 40 }), devices: fc.nat(1_000_000) }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(points, fc.nat(1_000_000), fc.integer({ min: 1, max: 50 }), (all, places, modules) => {
        const runs = all.map(({ day, devices }) => ({ startedAt: iso(nowMs - day * dayMs), devicesAtStart: devices }));
        const full = whenFull(headroom(places), runs, modules, nowMs);
        if (full === null) return;
        expect(Date.parse(full.on)).toBeGreaterThanOrEqual(nowMs);
        expect(Date.parse(full.on)).toBeLessThanOrEqual(nowMs + 3651 * dayMs);
      }),
    );
  });
});
