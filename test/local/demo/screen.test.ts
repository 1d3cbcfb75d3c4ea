import { describe, expect, test } from '@jest/globals';
import { Screen } from '../../../local/demo/screen.ts';

function written(show: (screen: Screen) => void, isTTY = false): string {
  const parts: string[] = [];
  const out = { isTTY, write: (text: string) => parts.push(text) };
  show(new Screen(out as unknown as NodeJS.WriteStream));
  return parts.join('');
}

describe('a progress bar', () => {
  test.each([
    [0, 500, 0, '  0 %'],
    [499, 500, 39, ' 99 %'],
    [500, 500, 40, '100 %'],
    [501, 500, 40, '100 %'],
    [0, 0, 40, '100 %'],
  ])('of %i of %i has %i marks and says %s', (done, total, marks, percent) => {
    const text = written((screen) => screen.bar(done, total, 'words'));
    expect(text).toBe(`   [${'#'.repeat(marks)}${'.'.repeat(40 - marks)}] ${percent}  words\n`);
  });

  test('is one line for every tenth where the output is no terminal', () => {
    const text = written((screen) => {
      for (let done = 0; done <= 100; done += 1) screen.bar(done, 100, 'words');
    });
    expect(text.split('\n')).toHaveLength(11 + 1);
  });
});
