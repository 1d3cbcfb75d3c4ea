import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isDeviceId } from '../../../shared/deviceKey.ts';
import { defaultModuleId, moduleIdProblem } from '../../../shared/policy/moduleId.ts';

describe('moduleIdProblem', () => {
  test.each([defaultModuleId, "a'b", '50%_#1?', 'x*(y)!$@=;,:.+', '...', 'a'.repeat(128)])('%s is legal', (id) => {
    expect(moduleIdProblem(id)).toBeUndefined();
  });

  test.each(['', '.', '..', 'a b', 'a/b', 'a"b', 'ä', 'a\n', 'a'.repeat(129)])('%j is refused', (id) => {
    expect(moduleIdProblem(id)).toContain('1 to 128');
  });

  test('the system modules of IoT Edge are refused by name', () => {
    expect(moduleIdProblem('$edgeAgent')).toContain('IoT Edge');
  });

  test('apart from the leading dollar sign, a legal module id is a legal device id', () => {
    const id = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'aZ0-:.+%_#*?!(),=@;$\' /"') }),
    );
    fc.assert(
      fc.property(id, (text) => (moduleIdProblem(text) === undefined) === (isDeviceId(text) && !text.startsWith('$'))),
    );
  });
});
