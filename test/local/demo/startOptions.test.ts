import { describe, expect, test } from '@jest/globals';
import { helpText, readStartOptions, UsageError } from '../../../local/demo/startOptions.ts';

/** Parses an option with a value that each kind of option takes. */
function parse(option: string): unknown {
  return ['--devices', '--port', '--hub-port', '--app'].includes(option)
    ? readStartOptions([option, '1'])
    : readStartOptions([option]);
}

describe('the arguments of npm start', () => {
  test('npm start has defaults for all options', () => {
    expect(readStartOptions([])).toEqual({ once: false, devices: 500, verbose: false });
  });

  test('npm start reads ports, an app and --help, and the help names every option', () => {
    const args = ['--port', '0', '--hub-port', '65535', '--app', 'functions/index.ts'];
    expect(readStartOptions(args)).toMatchObject({ port: 0, hubPort: 65_535, app: 'functions/index.ts' });
    expect(readStartOptions(['--help'])).toBe('help');
    for (const [option] of helpText.matchAll(/--[a-z-]+(?= )/g)) expect(() => parse(option)).not.toThrow('Unknown');
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
    [['--devices', '-1'], '--devices'],
    [['--port', '65536'], 'a whole number from 0 to 65535'],
    [['--hub-port', 'x'], 'a whole number from 0 to 65535'],
    [['--twice'], '--twice'],
    [['--once=yes'], '--once'],
    [['fast'], 'fast'],
  ])('npm start refuses the arguments %j with a UsageError', (args, named) => {
    expect(() => readStartOptions(args)).toThrow(UsageError);
    expect(() => readStartOptions(args)).toThrow(named);
  });
});
