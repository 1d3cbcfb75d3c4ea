import { describe, expect, test } from '@jest/globals';
import { sizeOf } from '../../../cli/size/sizeOf.ts';

describe('sizeOf', () => {
  // Worked out by hand from Microsoft's throttles: S1 100 registry operations and 20 queries a minute and unit, of
  // which half is granted; two queries for 100 devices; 4 + 4 messages for 100 devices, and one twin in 101; 400,000 messages a day.
  test('sizeOf uses the throttles of the tier and the defaults of the settings', () => {
    expect(sizeOf('S1', 1, 100_000)).toEqual({
      ...{ tier: 'S1', units: 1, devices: 100_000, createsPerMinute: 50 },
      backfillHours: expect.closeTo(2_000 / 60, 6),
      sweepHours: expect.closeTo(200 / 60, 6),
      messages: 8_000 + 991,
      messageShare: expect.closeTo((8_000 + 991) / 400_000, 6),
      functionHoursPerMonth: expect.closeTo(100, 6),
      executionsPerMonth: (50 + 1 + 288) * 30,
    });
  });

  test('sizeOf is faster with more units and with a larger tier', () => {
    expect(sizeOf('S1', 10, 100_000).backfillHours).toBeCloseTo(sizeOf('S1', 1, 100_000).backfillHours / 10, 6);
    expect(sizeOf('S3', 1, 100_000).sweepHours).toBeCloseTo(sizeOf('S1', 1, 100_000).sweepHours / 50, 6);
  });

  test('sizeOf takes the share that is granted', () => {
    expect(sizeOf('S1', 1, 100_000, 25).backfillHours).toBeCloseTo(2 * sizeOf('S1', 1, 100_000).backfillHours, 6);
  });

  test('sizeOf refuses units that no hub has, and says which it may have', () => {
    expect(() => sizeOf('S3', 11, 1)).toThrow(RangeError);
    expect(() => sizeOf('S3', 11, 1)).toThrow('HUB_UNITS: write a whole number from 1 to 10');
    expect(() => sizeOf('S3', 1, 1, 0)).toThrow('HUB_BUDGET_PERCENT: write a whole number from 1 to 100');
  });
});
