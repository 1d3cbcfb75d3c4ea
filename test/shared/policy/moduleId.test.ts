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

  test('refuses the id that JavaScript reads as the prototype of an object', () => {
    expect(moduleIdProblem('__proto__')).toContain('special meaning');
  });

  test('accepts exactly the valid device ids that do not begin with a dollar sign and are not __proto__', () => {
    const isValid = (text: string) => isDeviceId(text) && !text.startsWith('$') && text !== '__proto__';
    const id = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'aZ0-:.+%_#*?!(),=@;$\' /"') }),
    );
    // fast-check itself draws `__proto__` once in a few hundred runs.
    fc.assert(
      fc.property(id, (text) => (moduleIdProblem(text) === undefined) === isValid(text)),
      { examples: [['__proto__']] },
    );
  });
});
