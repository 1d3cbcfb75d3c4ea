import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rewrittenDate } from '../../../local/host/rewrittenDate.ts';

describe('a string of an Event Grid event', () => {
  test.each([
    ['2026-11-28T16:58:15.1230000Z', '2026-11-28T16:58:15.123Z'],
    ['2020-01-01T00:00:00+02:00', '2019-12-31T22:00:00+00:00'],
  ])('%s reaches the function as %s, as measured', (text, expected) => {
    expect(rewrittenDate(text)).toBe(expected);
  });

  test.each([
    ['a fraction of zeros', '2020-01-01T00:00:00.000Z', '2020-01-01T00:00:00Z'],
    ['an offset without colon', '2020-01-01T00:00:00+0200', '2019-12-31T22:00:00+00:00'],
    ['an offset of minus zero', '2020-01-01T00:00:00-00:00', '2020-01-01T00:00:00+00:00'],
    ['a lower-case z', '2020-01-01T00:00:00z', '2020-01-01T00:00:00Z'],
    ['hour 24', '2020-01-01T24:00:00Z', '2020-01-02T00:00:00Z'],
    ['the first moment, east', '0001-01-01T00:00:00+02:00', '0001-01-01T00:00:00+00:00'],
    ['the last second, west', '9999-12-31T23:59:59-02:00', '9999-12-31T23:59:59.9999999+00:00'],
    ["Microsoft's older form", '/Date(1577836800123)/', '2020-01-01T00:00:00.123Z'],
    ['the older form with an offset', '/Date(1577836800000+0200)/', '2020-01-01T00:00:00+00:00'],
  ])(
    'with %s is rewritten, as measured, to the text that the JSON library of the host writes',
    (_what, text, expected) => {
      expect(rewrittenDate(text)).toBe(expected);
    },
  );

  test.each([
    ['an offset of hours', '2020-01-01T00:00:00-05', '2020-01-01T05:00:00+00:00'],
    ['an offset that ends in a colon', '2020-01-01T00:00:00+02:', '2019-12-31T22:00:00+00:00'],
    ['zeros without a zone', '2020-01-01T00:00:00.1200', '2020-01-01T00:00:00.12'],
    ['nine digits of a fraction', '2020-01-01T00:00:00.123456789', '2020-01-01T00:00:00.1234567'],
    ['two digits too many', '2020-01-01T00:00:0030', '2020-01-01T00:00:00'],
    ['minutes without hours', '2020-01-01T00:00:00:30', '2020-01-01T00:00:00'],
    ['a fraction and an offset', '2020-02-29T23:30:00.50-01:00', '2020-03-01T00:30:00.5+00:00'],
  ])('with %s is rewritten, as the source of that library says (not measured)', (_what, text, expected) => {
    expect(rewrittenDate(text)).toBe(expected);
  });

  test.each([
    '2026-11-28T16:58:15Z',
    '2026-11-28T16:58:15',
    '2018-01-02T19:17:44.4383997Z',
    '0001-01-01T00:00:00',
    '2026-11-28',
    '2026-11-28T16:58',
    '2026-11-28 16:58:15Z',
    '2026-11-28T16:58:15.Z',
    '2026-11-28T16:58:15.12345678Z',
    '2026-02-29T00:00:00+01:00',
    '2026-13-01T00:00:00+01:00',
    '0000-01-01T00:00:00+01:00',
    '2026-01-01T24:00:01+01:00',
    '2026-01-01T23:60:00+01:00',
    '2026-01-01T00:00:00+01:00-pump',
    'pump-2026-01-01T00:00:00+01:00',
    'devices/2020-01-01T00:00:00+02:00',
    '/Date(soon)/',
  ])('%s arrives as it was sent', (text) => {
    expect(rewrittenDate(text)).toBe(text);
  });

  test('a rewritten date is not rewritten again, and has the form by which the app knows it', () => {
    const number = (max: number, digits = 2) =>
      fc.integer({ min: 0, max }).map((value) => String(value).padStart(digits, '0'));
    const fraction = fc.option(number(9_999_999, 7), { nil: undefined });
    const zone = fc.oneof(
      fc.constantFrom('', 'Z', 'z', '-00:00', '+02', ':'),
      fc
        .tuple(fc.constantFrom('+', '-'), number(99), fc.constantFrom('', ':'), number(99))
        .map((parts) => parts.join('')),
    );
    const date = fc
      .tuple(number(9998, 4), number(13), number(32), number(24), number(60), number(60), fraction, zone)
      .map(([y, mo, d, h, mi, s, f, z]) => `${y}-${mo}-${d}T${h}:${mi}:${s}${f === undefined ? '' : `.${f}`}${z}`);
    fc.assert(
      fc.property(date, (text) => {
        const rewritten = rewrittenDate(text);
        expect(rewrittenDate(rewritten)).toBe(rewritten);
        if (rewritten !== text) {
          expect(rewritten).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|\+00:00)?$/);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
