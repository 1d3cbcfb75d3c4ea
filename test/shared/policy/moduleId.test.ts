import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isDeviceId } from '../../../shared/deviceKey.ts';
import { defaultModuleId, moduleIdProblem } from '../../../shared/policy/moduleId.ts';

describe('moduleIdProblem', () => {
  test.each([defaultModuleId, "a'b", '50%_#1?', 'x*(y)!$@=;,:.+', '...', 'a'.repeat(128)])('accepts %s', (id) => {
    expect(moduleIdProblem(id)).toBeUndefined();
  });

  test.each(['', '.', '..', 'a b', 'a/b', 'a"b', 'ä', 'a\n', 'a'.repeat(129)])('refuses %j', (id) => {
    expect(moduleIdProblem(id)).toContain('1 to 128');
  });

  test('refuses the system modules of IoT Edge', () => {
    expect(moduleIdProblem('$edgeAgent')).toContain('IoT Edge');
  });

  test('accepts exactly the valid device ids that do not begin with a dollar sign', () => {
    const id = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'aZ0-:.+%_#*?!(),=@;$\' /"') }),
    );
    fc.assert(
      fc.property(id, (text) => (moduleIdProblem(text) === undefined) === (isDeviceId(text) && !text.startsWith('$'))),
    );
  });
});
