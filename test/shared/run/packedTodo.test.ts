import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { packTodo, unpackTodo } from '../../../shared/run/packedTodo.ts';
import type { TodoChange } from '../../../shared/run/run.ts';

const change: fc.Arbitrary<TodoChange> = fc.record(
  {
    do: fc.constant('create' as const),
    deviceId: fc.constantFrom('a', 'b', "c'd"),
    moduleId: fc.constantFrom('m', 'n', 'o'),
    authentication: fc.constantFrom('sas' as const, 'certificateAuthority' as const),
    asked: fc.constant(true as const),
    ownFailures: fc.nat(3),
    retryAtMs: fc.nat(),
  },
  { requiredKeys: ['do', 'deviceId', 'moduleId', 'authentication'] },
);

describe('a packed todo', () => {
  test('is the same todo again after JSON, in the same order', () => {
    fc.assert(
      fc.property(fc.array(change), (todo) => {
        expect(unpackTodo(JSON.parse(JSON.stringify(packTodo(todo))))).toEqual(todo);
      }),
    );
  });

  test('of version 1 is read as it was', () => {
    fc.assert(
      fc.property(fc.array(change), (todo) => expect(unpackTodo(JSON.parse(JSON.stringify(todo)))).toEqual(todo)),
    );
  });

  test('of twenty specs on each device of three pages takes a tenth of the single changes', () => {
    const guid = (index: number) => `3fa85f64-5717-4562-b3fc-${String(index).padStart(12, '0')}`;
    const todo = Array.from({ length: 3 * 250 * 20 }, (_, index): TodoChange => {
      const moduleId = `module-number-${index % 20}`;
      return { do: 'create', deviceId: guid(Math.floor(index / 20)), moduleId, authentication: 'sas' };
    });
    const single = JSON.stringify(todo).length;
    const packed = JSON.stringify(packTodo(todo)).length;
    expect(single).toBeGreaterThan(1_500_000); // of 5.4 MB, since pages are smaller with several specs
    expect(packed).toBeLessThan(100_000);
  });
});
