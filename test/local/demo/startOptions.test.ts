import { describe, expect, test } from '@jest/globals';
import { readStartOptions, UsageError } from '../../../local/demo/startOptions.ts';

describe('the arguments of npm start', () => {
  test('may be left out', () => {
    expect(readStartOptions([])).toEqual({ once: false, devices: 500, verbose: false });
  });

  test('say how many devices there are, and when to end', () => {
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
  ])('that are wrong are a matter of usage: %j', (args, named) => {
    expect(() => readStartOptions(args)).toThrow(UsageError);
    expect(() => readStartOptions(args)).toThrow(named);
  });
});
