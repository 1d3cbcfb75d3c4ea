import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matchesGlob } from '../../../shared/policy/matchesGlob.ts';

/** Few letters, so that patterns and texts meet; with every character that a glob or a regular expression minds. */
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '*', '?', '\\', '.', '$', '('), maxLength: 12 });

/** The plainest definition that there is: a token takes one character, a star none or one more. Slow, so short texts. */
function matchesByDefinition(glob: string, id: string): boolean {
  if (glob === '') return id === '';
  if (glob.startsWith('*')) {
    return matchesByDefinition(glob.slice(1), id) || (id !== '' && matchesByDefinition(glob, id.slice(1)));
  }
  if (id === '') return false;
  const escaped = glob.startsWith('\\') && glob.length > 1;
  const literal = escaped ? glob[1] : glob[0];
  if (!escaped && literal === '?') return matchesByDefinition(glob.slice(1), id.slice(1));
  return literal === id[0] && matchesByDefinition(glob.slice(escaped ? 2 : 1), id.slice(1));
}

describe('matchesGlob', () => {
  test.each([
    ['line-*', 'line-7', true],
    ['line-*', 'line-', true],
    ['line-*', 'Line-7', false],
    ['line-*', 'xline-7', false],
    ['press-??', 'press-12', true],
    ['press-??', 'press-1', false],
    ['*-7-*', 'line-7-a', true],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['a\\?b', 'a?b', true],
    ['a.b', 'axb', false],
    ["x*(y)!$@=;,:.+'", "x*(y)!$@=;,:.+'", true],
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['\\', '\\', true],
  ])('%s on %s: %s', (glob, id, expected) => {
    expect(matchesGlob(glob, id)).toBe(expected);
  });

  test('it agrees with the definition', () => {
    fc.assert(
      fc.property(text, text, (glob, id) => matchesGlob(glob, id) === matchesByDefinition(glob, id)),
      { numRuns: 20_000 },
    );
  });

  test('a text matches itself with every character escaped', () => {
    fc.assert(fc.property(text, (id) => matchesGlob(id.replace(/./g, '\\$&'), id)));
  });

  test('a glob that makes backtracking matchers hang is decided at once', () => {
    const text = 'a'.repeat(20_000);
    const startedMs = performance.now();
    expect(matchesGlob(`${'*a'.repeat(500)}*b`, text)).toBe(false);
    expect(matchesGlob(`${'a*'.repeat(500)}`, text)).toBe(true);
    // Backtracking through every star would take longer than the age of the universe.
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});
