import { describe, expect, test } from '@jest/globals';
import { Cron } from 'croner';
import fc from 'fast-check';
import { defaultSweepSchedule, ncrontabProblem } from '../../../shared/config/sweepSchedule.ts';

describe('ncrontabProblem', () => {
  // The examples on Microsoft's page about the timer trigger, and the forms that its text describes.
  test.each([
    defaultSweepSchedule,
    '0 */5 * * * *',
    '0 0 * * * *',
    '0 0 */2 * * *',
    '0 0 9-17 * * *',
    '0 30 9 * * 1-5',
    '0 30 9 * Jan Mon',
    '5,8,10 * * * * *',
    '0 5/15 * * * *',
    '0 0 1-23/2 1,3-31 1-12 Sunday-sat',
    ' 0  0 2 * * * ',
    '0 0 2 29 2 *',
    '0 0 2 31 4,5 *',
  ])('accepts %s', (text) => {
    expect(ncrontabProblem(text)).toBeUndefined();
  });

  test.each([
    ['', 'six fields'],
    ['0 2 * * *', 'put the seconds first'],
    ['0 0 2 * * * *', 'six fields'],
    ['24:00:00', 'six fields'],
    ['60 0 2 * * *', 'second (field 1)'],
    ['0 -1 2 * * *', 'minute (field 2)'],
    ['0 0 24 * * *', 'hour (field 3)'],
    ['0 0 2 0 * *', 'day (field 4)'],
    ['0 0 2 32 * *', 'day (field 4)'],
    ['0 0 2 * 13 *', 'month (field 5)'],
    ['0 0 2 * Mon *', 'month (field 5)'],
    ['0 0 2 * * 7', 'day of the week (field 6)'],
    ['0 0 2 * * M', 'day of the week (field 6)'],
    ['0 0 22-4 * * *', 'hour (field 3)'],
    ['0 */0 2 * * *', 'minute (field 2)'],
    ['0 */60 2 * * *', 'minute (field 2)'],
    ['0 0, 2 * * *', 'minute (field 2)'],
    ['0 1-2-3 2 * * *', 'minute (field 2)'],
    ['0 0 2 ? * *', 'day (field 4)'],
    ['0 0 2 L * *', 'day (field 4)'],
    ['0 0 2 30 2 *', 'never occurs'],
    ['0 0 2 31 4,6,9,11 *', 'never occurs'],
  ])('refuses %j with the message: %s', (text, words) => {
    expect(ncrontabProblem(text)).toContain(words);
  });

  test('accepts only expressions that occur at some time', () => {
    const field = (min: number, max: number) => {
      const value = fc.integer({ min, max }).map(String);
      const range = fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })).map((ends) => ends.join('-'));
      const span = fc.oneof(fc.constant('*'), value, range);
      const stepped = fc.tuple(span, fc.integer({ min: 0, max: 70 })).map((parts) => parts.join('/'));
      return fc.array(fc.oneof(span, stepped), { minLength: 1, maxLength: 3 }).map((parts) => parts.join(','));
    };
    const fields = fc.tuple(field(0, 59), field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6));
    fc.assert(
      fc.property(fields, (parts) => {
        if (ncrontabProblem(parts.join(' ')) !== undefined) return true;
        // Another cron library; both day fields must match, as in NCRONTAB.
        const cron = new Cron(parts.join(' '), { timezone: 'UTC', domAndDow: true, sloppyRanges: true });
        return cron.nextRun('2026-11-23T00:00:00Z') !== null;
      }),
      { numRuns: 300 },
    );
  });

  test('does not throw for any text', () => {
    const piece = fc.constantFrom('*', '-', ',', '/', '1', '99', 'Mon', ' ', '?', '\n');
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: piece })), (text) =>
        ['string', 'undefined'].includes(typeof ncrontabProblem(text)),
      ),
    );
  });
});
