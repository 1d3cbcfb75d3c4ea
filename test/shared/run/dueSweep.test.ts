import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseNcrontab } from '../../../local/host/ncrontab.ts';
import { ncrontabProblem } from '../../../shared/config/sweepSchedule.ts';
import { lastOccurrence } from '../../../shared/run/dueSweep.ts';

const at = (text: string) => Date.parse(text);

describe('the last occurrence of a schedule', () => {
  test.each([
    ['0 0 2 * * *', '2026-11-28T20:20:20Z', '2026-11-28T02:00:00Z'],
    ['0 0 2 * * *', '2026-11-28T02:00:00Z', '2026-11-28T02:00:00Z'],
    ['0 0 2 * * *', '2026-11-28T01:59:59.999Z', '2026-11-27T02:00:00Z'],
    ['0  0 2 * * *', '2026-11-28T20:20:20Z', '2026-11-28T02:00:00Z'],
    ['0 0 5/6 * * *', '2026-11-28T20:20:20Z', '2026-11-28T17:00:00Z'],
    ['0 0 5/6 * * *', '2026-11-28T04:00:00Z', '2026-11-27T23:00:00Z'],
    ['0 0 2 * * Monday', '2026-11-28T20:20:20Z', '2026-11-23T02:00:00Z'],
    ['0 0 2 * august-Sept *', '2026-11-28T20:20:20Z', '2026-09-30T02:00:00Z'],
    ['0 0 2 29 2 *', '2026-11-28T20:20:20Z', '2024-02-29T02:00:00Z'],
    ['0 0 2 13 * 5', '2026-11-28T20:20:20Z', '2026-11-13T02:00:00Z'],
    ['*/30 1,5-7/2 * * * *', '2026-11-28T20:20:20Z', '2026-11-28T20:07:30Z'],
  ])('%s at %s is %s', async (schedule, now, expected) => {
    expect(ncrontabProblem(schedule)).toBeUndefined();
    expect(await lastOccurrence(schedule, at(now))).toBe(at(expected));
  });

  test('is the time after which the host itself would run next at any moment before the next occurrence', async () => {
    const second = fc.integer({ min: 0, max: 59 });
    const field = (max: number) => fc.oneof(fc.constant('*'), fc.integer({ min: 0, max }).map(String));
    await fc.assert(
      fc.asyncProperty(
        second,
        field(59),
        field(23),
        field(6),
        fc.integer({ min: 0, max: 30 * 86400 }),
        async (...drawn) => {
          const [s, minute, hour, weekday, offset] = drawn;
          const schedule = `${s} ${minute} ${hour} * * ${weekday}`;
          const nowMs = at('2026-11-01T00:00:00Z') + offset * 1000;
          const lastMs = (await lastOccurrence(schedule, nowMs)) ?? Number.NaN;
          const next = parseNcrontab(schedule);
          expect(lastMs).toBeLessThanOrEqual(nowMs);
          expect(next(lastMs - 1000)).toBe(lastMs);
          expect(next(lastMs)).toBeGreaterThan(nowMs);
        },
      ),
      { numRuns: 200 },
    );
  });
});
