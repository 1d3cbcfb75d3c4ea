import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matchesGlob } from '../../../shared/policy/matchesGlob.ts';

/** Few letters, so that patterns often match; with every character that is special in a glob or a regular expression. */
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '*', '?', '\\', '.', '$', '('), maxLength: 12 });

/** The simplest definition: a token matches one character, a star none or one more. Slow, so it needs short texts. */
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
  ])('with the glob "%s" and the id "%s" returns %s', (glob, id, expected) => {
    expect(matchesGlob(glob, id)).toBe(expected);
  });

  test('returns the same as the definition', () => {
    fc.assert(
      fc.property(text, text, (glob, id) => matchesGlob(glob, id) === matchesByDefinition(glob, id)),
      { numRuns: 20_000 },
    );
  });

  test('matches a text with the same text in which every character is escaped', () => {
    fc.assert(fc.property(text, (id) => matchesGlob(id.replace(/./g, '\\$&'), id)));
  });

  test('is fast for a glob with which a full backtracking matcher hangs', () => {
    const text = 'a'.repeat(20_000);
    const startedMs = performance.now();
    expect(matchesGlob(`${'*a'.repeat(500)}*b`, text)).toBe(false);
    expect(matchesGlob(`${'a*'.repeat(500)}`, text)).toBe(true);
    // To backtrack to every star would take longer than the age of the universe.
    expect(performance.now() - startedMs).toBeLessThan(120_000);
  });
});
