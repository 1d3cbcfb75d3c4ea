import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dailyMessages, maxUnits, tierLimits, tiers } from '../../../shared/config/tierLimits.ts';

describe('tierLimits', () => {
  // One row for each cell of the documented table: with one unit, and with more units than its minimum is for.
  test.each([
    ['F1', 1, 100, 20, 100, 50],
    ['B1', 3, 300, 60, 100, 50],
    ['B2', 20, 2_000, 400, 200, 100],
    ['B3', 2, 10_000, 2_000, 1_000, 500],
    ['S1', 1, 100, 20, 100, 50],
    ['S1', 200, 20_000, 4_000, 100, 50],
    ['S2', 1, 100, 20, 100, 50],
    ['S2', 10, 1_000, 200, 100, 50],
    ['S2', 11, 1_100, 220, 110, 55],
    ['S3', 1, 5_000, 1_000, 500, 250],
    ['S3', 10, 50_000, 10_000, 5_000, 2_500],
  ] as const)(
    'returns the documented throttles of %s with %d units',
    (tier, units, registry, queries, reads, writes) => {
      expect(tierLimits(tier, units)).toEqual({
        registryOpsPerMinute: registry,
        queriesPerMinute: queries,
        twinReadsPerSecond: reads,
        twinWritesPerSecond: writes,
      });
    },
  );

  test('never returns a lower limit for one more unit', () => {
    fc.assert(
      fc.property(fc.constantFrom(...tiers), fc.integer({ min: 1, max: 199 }), (tier, units) => {
        fc.pre(units < maxUnits(tier));
        const fewer = Object.values(tierLimits(tier, units));
        const more = Object.values(tierLimits(tier, units + 1));
        return more.every((limit, index) => limit >= (fewer[index] ?? Number.POSITIVE_INFINITY));
      }),
    );
  });

  test.each([0, -1, 1.5, 201, Number.NaN])('throws RangeError for %d units of S1', (units) => {
    expect(() => tierLimits('S1', units)).toThrow(RangeError);
  });
});

describe('maxUnits', () => {
  test('returns the values of the documented table', () => {
    expect(Object.fromEntries(tiers.map((tier) => [tier, maxUnits(tier)]))).toEqual({
      F1: 1,
      B1: 200,
      B2: 200,
      B3: 10,
      S1: 200,
      S2: 200,
      S3: 10,
    });
  });
});

describe('dailyMessages', () => {
  test.each([
    ['F1', 1, 8_000],
    ['B1', 2, 800_000],
    ['S1', 3, 1_200_000],
    ['S2', 1, 6_000_000],
    ['S3', 2, 600_000_000],
  ] as const)('returns for %s with %i units: %i', (tier, units, messages) => {
    expect(dailyMessages(tier, units)).toBe(messages);
  });
});
