import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { TwinObject } from '../../../shared/policy/moduleSpec.ts';
import { policyFingerprint } from '../../../shared/policy/policyFingerprint.ts';
import { spec } from '../../support/policy.ts';

describe('policyFingerprint', () => {
  test('policyFingerprint is the same for equal policies whose keys are in another order', () => {
    const reversed = Object.fromEntries(Object.entries(spec()).reverse()) as unknown as ReturnType<typeof spec>;
    expect(policyFingerprint([reversed])).toBe(policyFingerprint([spec()]));
    expect(policyFingerprint([spec()])).toMatch(/^[0-9a-f]{16}$/);
  });

  test('policyFingerprint differs for every change of a member', () => {
    const policies = [
      [spec()],
      [spec({ moduleId: 'other' })],
      [spec({ select: { edge: true } })],
      [spec({ select: { edge: false, deviceIds: ['keep-*'] } })],
      [spec({ twin: { mode: 'seed', desired: { level: 3 } } })],
      [spec({ stop: { maxFailurePercent: 10, maxChanges: 5 } })],
      [spec(), spec({ moduleId: 'other' })],
      [spec({ moduleId: 'other' }), spec()],
    ];
    expect(new Set(policies.map(policyFingerprint)).size).toBe(policies.length);
  });

  test('policyFingerprint of any seed survives JSON', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (desired) => {
        const policy = [spec({ twin: { mode: 'seed', desired: desired as TwinObject } })];
        expect(policyFingerprint(JSON.parse(JSON.stringify(policy)))).toBe(policyFingerprint(policy));
      }),
      { numRuns: 50 },
    );
  });
});
