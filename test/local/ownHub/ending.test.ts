import { expect, test } from '@jest/globals';
import { Ending } from '../../../local/ownHub/ending.ts';

/** Ends parts of these names, of which those in `failing` cannot be ended. */
async function endOf(parts: readonly string[], failing: readonly string[], code: number) {
  const ended: string[] = [];
  const errors: unknown[] = [];
  const { promise: exit, resolve } = Promise.withResolvers<number>();
  const ending = new Ending({ exit: resolve, onError: (error) => errors.push(error) });
  for (const part of parts) {
    ending.add(async () => {
      if (failing.includes(part)) throw new Error(part);
      ended.push(part);
    });
  }
  void ending.end(code);
  return { code: await exit, ended, errors, hasBegun: ending.hasBegun };
}

test('the parts are ended, the last one first', async () => {
  expect(await endOf(['storage', 'host'], [], 0)).toEqual({
    ...{ code: 0, ended: ['host', 'storage'], errors: [], hasBegun: true },
  });
});

test.each([
  [0, 1],
  [130, 130],
])('a part that cannot be ended is reported, the others are ended, and exit code %i is %i', async (code, exitCode) => {
  expect(await endOf(['storage', 'host'], ['host'], code)).toMatchObject({
    ...{ code: exitCode, ended: ['storage'], errors: [new Error('host')] },
  });
});
