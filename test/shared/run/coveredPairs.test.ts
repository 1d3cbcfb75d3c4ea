import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DeviceModuleOutcome } from '../../../shared/reconcile/outcome.ts';
import { outcomes } from '../../../shared/reconcile/outcome.ts';
import { addCovered, type Covered, readCovered } from '../../../shared/run/coveredPairs.ts';

const anOutcome = fc.record({
  deviceId: fc.string({ minLength: 1 }),
  moduleId: fc.constantFrom('agent', 'constructor', "a'b"),
  outcome: fc.constantFrom(...outcomes),
});
const isCovered = ({ outcome }: DeviceModuleOutcome) =>
  ['created', 'updated', 'removed', 'unchanged'].includes(outcome);

/** The definition in docs/certificate.md, with big integers. */
function expected(all: readonly DeviceModuleOutcome[]): Covered {
  const covered: Covered = {};
  for (const [moduleId, pairs] of Map.groupBy(all.filter(isCovered), (one) => one.moduleId)) {
    const sum = pairs.reduce(
      (before, { deviceId }) =>
        before + BigInt(`0x${createHash('sha256').update(`${deviceId}\n${moduleId}`).digest('hex')}`),
      0n,
    );
    covered[moduleId] = { pairs: pairs.length, sum: (sum % 2n ** 256n).toString(16).padStart(64, '0') };
  }
  return covered;
}

describe('the sum over covered pairs', () => {
  test('is the one that docs/certificate.md defines, in any order and any parts', () => {
    const cases = fc
      .array(anOutcome, { maxLength: 60 })
      .chain((all) =>
        fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }), fc.nat(all.length)),
      );
    fc.assert(
      fc.property(cases, ([all, shuffled, cut]) => {
        const covered: Covered = {};
        addCovered(covered, shuffled.slice(0, cut));
        addCovered(covered, shuffled.slice(cut));
        expect(covered).toEqual(expected(all));
        expect(readCovered(JSON.parse(JSON.stringify(covered)))).toEqual(covered);
      }),
    );
  });

  test('carries from its lowest digits to its highest', () => {
    const covered: Covered = { agent: { pairs: 1, sum: 'f'.repeat(64) } };
    addCovered(covered, [{ deviceId: 'a', moduleId: 'agent', outcome: 'created' }]);
    const digest = BigInt(`0x${createHash('sha256').update('a\nagent').digest('hex')}`);
    expect(covered.agent).toEqual({ pairs: 2, sum: (digest - 1n).toString(16).padStart(64, '0') });
  });

  test.each([
    undefined,
    null,
    'x',
    [],
    { agent: null },
    { agent: { pairs: -1, sum: '0'.repeat(64) } },
    { agent: { pairs: 1, sum: 'f' } },
  ])('is unknown if %j is stored', (stored) => expect(readCovered(stored)).toBeNull());
});
