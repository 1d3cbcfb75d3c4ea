import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type MaintenanceWindow, opensAtMs, weekdays } from '../../../shared/policy/maintenanceWindow.ts';
import { propertyRuns } from '../../support/propertyRuns.ts';

const minuteMs = 60_000;
const weekMinutes = 7 * 24 * 60;
/** A Sunday, 00:00. */
const sundayMs = Date.parse('2026-11-22T00:00:00Z');

const at = (text: string) => Date.parse(text);
const opens = (windows: readonly MaintenanceWindow[], now: string) =>
  new Date(opensAtMs(windows, at(now))).toISOString().slice(0, 16);

describe('windows', () => {
  test.each([
    ['are open between their beginning and their end', '2026-11-23T02:00:00Z', '2026-11-23T02:00'],
    ['are closed from their end on', '2026-11-23T04:00:00Z', '2026-11-30T01:00'],
    ['open at their beginning', '2026-11-23T00:59:59Z', '2026-11-23T01:00'],
    ['are closed on another day', '2026-11-24T02:00:00Z', '2026-11-30T01:00'],
  ])('%s', (_name, now, expected) => {
    expect(opens([{ days: ['mon'], from: '01:00', to: '04:00' }], now)).toBe(expected);
  });

  test.each([
    ['before midnight', '2026-11-28T23:00:00Z', '2026-11-28T23:00'],
    ['after midnight', '2026-11-29T03:59:00Z', '2026-11-29T03:59'],
    ['after its end', '2026-11-29T04:00:00Z', '2026-12-05T22:00'],
    ['on the morning of its day', '2026-11-28T03:00:00Z', '2026-11-28T22:00'],
  ])('that pass midnight belong to the day on which they open: %s', (_name, now, expected) => {
    expect(opens([{ days: ['sat'], from: '22:00', to: '04:00' }], now)).toBe(expected);
  });

  test('may last a whole day', () => {
    const windows = [{ days: ['sun'], from: '00:00', to: '24:00' }] as const;
    expect(opens(windows, '2026-11-29T23:59:00Z')).toBe('2026-11-29T23:59');
    expect(opens(windows, '2026-11-30T00:00:00Z')).toBe('2026-12-06T00:00');
  });

  test('are open at any time if a spec has none', () => {
    expect(opensAtMs(undefined, 5)).toBe(5);
  });

  test('open at the next minute that a table of all minutes of a week has as open', () => {
    const time = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
    const window = fc
      .record({
        days: fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1 }),
        from: time,
        to: fc.oneof(time, fc.constant('24:00')),
      })
      .filter(({ from, to }) => from !== to);
    fc.assert(
      fc.property(
        fc.array(window, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 0, max: weekMinutes - 1 }),
        fc.integer({ min: -2000, max: 2000 }),
        (windows, minute, week) => {
          const isOpen = tableOf(windows);
          let expected = minute;
          while (!isOpen[expected % weekMinutes]) expected += 1;
          const weekMs = sundayMs + week * weekMinutes * minuteMs;
          expect(opensAtMs(windows, weekMs + minute * minuteMs)).toBe(weekMs + expected * minuteMs);
        },
      ),
      propertyRuns(300),
    );
  });
});

/** For each minute of the week whether a window is open, marked minute by minute from its opening. */
function tableOf(windows: readonly MaintenanceWindow[]): boolean[] {
  const isOpen = Array<boolean>(weekMinutes).fill(false);
  for (const { days, from, to } of windows) {
    for (const day of days) {
      let minute = weekdays.indexOf(day) * 24 * 60 + Number(from.slice(0, 2)) * 60 + Number(from.slice(3));
      const end = to === '24:00' ? '00:00' : to;
      do {
        isOpen[minute % weekMinutes] = true;
        minute += 1;
      } while (clockOf(minute) !== end);
    }
  }
  return isOpen;
}

function clockOf(minute: number): string {
  const ofDay = minute % (24 * 60);
  return `${String(Math.floor(ofDay / 60)).padStart(2, '0')}:${String(ofDay % 60).padStart(2, '0')}`;
}
