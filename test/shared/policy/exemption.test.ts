import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { exemptionOf, exemptionStates } from '../../../shared/policy/exemption.ts';

const at = (text: string) => Date.parse(text);
const now = at('2027-01-15T12:00:00Z');

describe('the value of an exempt tag', () => {
  test.each([[undefined], [null], [false]])('%j is no exemption', (value) => {
    expect(exemptionOf(value, now)).toBeUndefined();
  });

  test.each<[unknown, object]>([
    [true, { state: 'withoutEnd' }],
    ['', { state: 'withoutEnd' }],
    ['in the lab', { state: 'withoutEnd', reason: 'in the lab' }],
    ['2026-01-01', { state: 'withoutEnd', reason: '2026-01-01' }],
    [{}, { state: 'withoutEnd' }],
    [{ reason: 'broken' }, { state: 'withoutEnd', reason: 'broken' }],
    [{ until: null, reason: 7 }, { state: 'withoutEnd' }],
    [
      { until: '2027-01-31', reason: 'broken' },
      { state: 'active', until: '2027-01-31', reason: 'broken' },
    ],
    [{ until: '2027-01-29' }, { state: 'active', until: '2027-01-29' }],
    [{ until: '2027-01-28' }, { state: 'endsSoon', until: '2027-01-28' }],
    [{ until: '2027-01-15' }, { state: 'endsSoon', until: '2027-01-15' }],
    [{ until: '2027-01-14' }, { state: 'ended', until: '2027-01-14' }],
    [{ until: '2027-01-15T12:00:00Z' }, { state: 'ended', until: '2027-01-15T12:00:00Z' }],
    [{ until: '2027-01-15T12:00:01' }, { state: 'endsSoon', until: '2027-01-15T12:00:01' }],
    [{ until: '2027-01-15T13:30+02:00' }, { state: 'ended', until: '2027-01-15T13:30+02:00' }],
    [{ until: '2027-01-15T11:30:00.5-02:00' }, { state: 'endsSoon', until: '2027-01-15T11:30:00.5-02:00' }],
    [{ until: 'next year' }, { state: 'unreadable', until: 'next year' }],
    [{ until: '2027-02-30' }, { state: 'unreadable', until: '2027-02-30' }],
    [{ until: '2027-13-01' }, { state: 'unreadable', until: '2027-13-01' }],
    [{ until: '31.01.2027' }, { state: 'unreadable', until: '31.01.2027' }],
    [{ until: '2027-01-31T25:00Z' }, { state: 'unreadable', until: '2027-01-31T25:00Z' }],
    [{ until: 1_800_000_000 }, { state: 'unreadable' }],
    [{ until: '' }, { state: 'unreadable' }],
    [{ until: ['2027-01-31'] }, { state: 'unreadable' }],
    [0, { state: 'unreadable' }],
    [['2027-01-31'], { state: 'unreadable' }],
  ])('%j is %j', (value, expected) => {
    expect(exemptionOf(value, now)).toEqual(expected);
  });

  test('a date counts to its end in UTC, whatever the time zone of the machine', () => {
    const value = { until: '2027-01-31' };
    expect(exemptionOf(value, at('2027-01-31T23:59:59.999Z'))?.state).toBe('endsSoon');
    expect(exemptionOf(value, at('2027-02-01T00:00:00Z'))?.state).toBe('ended');
  });

  test('repeats no long text', () => {
    expect(exemptionOf('x'.repeat(4_096), now)?.reason).toHaveLength(256);
  });
});

const anyUntil = fc.oneof(
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') })
    .map((date) => date.toISOString().slice(0, 10)),
  fc.stringMatching(/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?$/),
  fc.string({ unit: 'binary' }),
  fc.jsonValue(),
);
const anyValue = fc.oneof(
  fc.record({ until: anyUntil, reason: fc.jsonValue() }, { requiredKeys: [] }),
  fc.jsonValue(),
  fc.anything(),
);

describe('any value of an exempt tag', () => {
  const anyTime = fc.integer({ min: 0, max: at('2100-01-01') });

  test('is read without an error, and only null, false and nothing are no exemption', () => {
    fc.assert(
      fc.property(anyValue, anyTime, (value, nowMs) => {
        const exemption = exemptionOf(value, nowMs);
        expect(exemption === undefined).toBe(value === undefined || value === null || value === false);
        if (exemption) expect(exemptionStates).toContain(exemption.state);
      }),
    );
  });

  test('goes through its states in one direction, and never comes back after its end', () => {
    const order = ['active', 'endsSoon', 'ended'];
    fc.assert(
      fc.property(anyValue, anyTime, anyTime, (value, one, other) => {
        const [before, after] = [Math.min(one, other), Math.max(one, other)].map(
          (ms) => exemptionOf(value, ms)?.state ?? '',
        );
        if (order.includes(before ?? ''))
          expect(order.indexOf(after ?? '')).toBeGreaterThanOrEqual(order.indexOf(before ?? ''));
        else expect(after).toBe(before);
      }),
    );
  });

  test('a time ends at that very millisecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: at('2100-01-01') }), (endMs) => {
        const value = { until: new Date(endMs).toISOString() };
        expect(exemptionOf(value, endMs)?.state).toBe('ended');
        expect(exemptionOf(value, endMs - 1)?.state).toBe('endsSoon');
      }),
    );
  });
});
