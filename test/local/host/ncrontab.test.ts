import { describe, expect, test } from '@jest/globals';
import { parseNcrontab } from '../../../local/host/ncrontab.ts';

const mondayMs = Date.parse('2026-11-23T02:00:00Z');
const next = (expression: string, after = mondayMs) => new Date(parseNcrontab(expression)(after)).toISOString();

describe('an NCRONTAB schedule', () => {
  test.each([
    ['0 0 2 * * *', '2026-11-24T02:00:00.000Z'],
    ['0 */5 * * * *', '2026-11-23T02:05:00.000Z'],
    ['* * * * * *', '2026-11-23T02:00:01.000Z'],
    ['0 30 9-17/4 * * 1-5', '2026-11-23T09:30:00.000Z'],
    ['0 0 0 1 Jan,Jul *', '2027-01-01T00:00:00.000Z'],
    ['0 0 12 * * Sun', '2026-11-29T12:00:00.000Z'],
    ['0 0 0 29 2 *', '2028-02-29T00:00:00.000Z'],
  ])('the next occurrence of %s is %s, in UTC and strictly later', (expression, expected) => {
    expect(next(expression)).toBe(expected);
  });

  test('a schedule requires both day fields to match, unlike classic cron', () => {
    expect(next('0 0 0 13 * Fri')).toBe('2027-08-13T00:00:00.000Z');
  });

  test.each([
    '',
    '0 2 * * *',
    '0 0 2 * * * 2027',
    '@daily',
    '0 0 2 L * *',
    '0 0 2 15W * *',
    '0 0 2 * * 5#2',
    '0 0 2 ? * *',
  ])('the schedule "%s" is refused, and the error quotes it', (expression) =>
    expect(() => parseNcrontab(expression)).toThrow(`The timer schedule "${expression}" cannot be used`),
  );
  test.each([
    '61 0 2 * * *',
    '0 0 25 * * *',
    '0 0 2 * * 7',
    '0 0 2 * 13 *',
    '0 0 2 10-5 * *',
    '*/0 * * * * *',
    '24:00:00',
  ])('the schedule "%s" is refused', (expression) => expect(() => parseNcrontab(expression)).toThrow('cannot be used'));

  test('a schedule that never occurs is refused when its next occurrence is computed', () => {
    expect(() => parseNcrontab('0 0 0 31 2 *')(mondayMs)).toThrow('it never occurs');
  });
});
