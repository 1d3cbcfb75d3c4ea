import { describe, expect, test } from '@jest/globals';
import { readStartOptions, UsageError } from '../../../local/demo/startOptions.ts';

describe('the arguments of npm start', () => {
  test('npm start has defaults for all options', () => {
    expect(readStartOptions([])).toEqual({ once: false, devices: 500, verbose: false });
  });

  test('npm start reads --devices, --once and --verbose', () => {
    const args = ['--once', '--devices', '100000', '--verbose'];
    expect(readStartOptions(args)).toEqual({ once: true, devices: 100_000, verbose: true });
  });

  test.each([
    [['--devices', '0'], 'a whole number from 1 to 100000'],
    [['--devices', '100001'], 'a whole number from 1 to 100000'],
    [['--devices', '1e3'], 'a whole number from 1 to 100000'],
    [['--devices', ''], 'a whole number from 1 to 100000'],
    [['--devices'], '--devices'],
    [['--twice'], '--twice'],
    [['--once=yes'], '--once'],
    [['fast'], 'fast'],
  ])('npm start refuses the arguments %j with a UsageError', (args, named) => {
    expect(() => readStartOptions(args)).toThrow(UsageError);
    expect(() => readStartOptions(args)).toThrow(named);
  });
});
