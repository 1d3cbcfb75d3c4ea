import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { OverlappingWaits } from '../../../shared/hub/overlappingWaits.ts';

test('each moment of overlapping waits counts once', () => {
  const wait = fc.record({ fromMs: fc.nat(200), lengthMs: fc.nat(60) });
  fc.assert(
    fc.property(fc.array(wait, { maxLength: 30 }), (waits) => {
      const ended = waits
        .map(({ fromMs, lengthMs }) => ({ fromMs, toMs: fromMs + lengthMs }))
        .sort((one, other) => one.toMs - other.toMs);
      const sum = new OverlappingWaits();
      const added = ended.reduce((totalMs, { fromMs, toMs }) => totalMs + sum.add(fromMs, toMs), 0);
      const moments = new Set(
        ended.flatMap(({ fromMs, toMs }) => Array.from({ length: toMs - fromMs }, (_, index) => fromMs + index)),
      );
      expect(added).toBe(moments.size);
    }),
  );
});
