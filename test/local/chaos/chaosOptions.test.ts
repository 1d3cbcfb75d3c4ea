import { describe, expect, test } from '@jest/globals';
import { ChaosUsageError, readChaosOptions } from '../../../local/chaos/chaosOptions.ts';

describe('the arguments of npm run chaos', () => {
  test('--help asks for the usage and is no error', () => {
    expect(readChaosOptions(['--help', '--seeds', '3'])).toBe('help');
  });

  test.each([['--seeds', '0'], ['--devices', '9'], ['--kills', 'many'], ['--what'], ['stray']])(
    'npm run chaos refuses %s %s',
    (...args) => expect(() => readChaosOptions(args.filter((arg) => arg !== undefined))).toThrow(ChaosUsageError),
  );
});
