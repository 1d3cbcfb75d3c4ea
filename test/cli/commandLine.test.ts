import { describe, expect, test } from '@jest/globals';
import { CliError } from '../../cli/cliError.ts';
import { readCommandLine } from '../../cli/commandLine.ts';

describe('the command line of keeper', () => {
  test.each([
    ['', { name: 'help' }],
    ['--help', { name: 'help' }],
    ['sweep --help', { name: 'help' }],
    ['status', { name: 'status', minCoveragePercent: 100, output: 'table' }],
    ['status --min-coverage 99.5 --output json', { name: 'status', minCoveragePercent: 99.5, output: 'json' }],
    ['hubs --output=csv', { name: 'hubs', output: 'csv' }],
    ['sweep a b --dry-run', { name: 'sweep', hubs: ['a', 'b'], dryRun: true, wait: false, output: 'table' }],
    ['plan --all', { name: 'plan', hubs: [], all: true, exitCode: false, output: 'table' }],
    ['failures', { name: 'failures', hub: undefined, runId: undefined, output: 'table' }],
    ['failures a r', { name: 'failures', hub: 'a', runId: 'r', output: 'table' }],
    ['why pump-7 --hub a', { name: 'why', deviceId: 'pump-7', hub: 'a', output: 'table' }],
    ['why -- --odd-id', { name: 'why', deviceId: '--odd-id', hub: undefined, output: 'table' }],
    ['cancel a', { name: 'cancel', hub: 'a', runId: undefined, output: 'table' }],
    ['undo a r --wait', { name: 'undo', hub: 'a', runId: 'r', wait: true, output: 'table' }],
    ['check f.json --as policy', { name: 'check', file: 'f.json', kind: 'policy', output: 'table' }],
    ['size', { name: 'sizingTable', output: 'table' }],
    [
      'size --tier S2 --units 3 --devices 40000',
      { name: 'size', of: { tier: 'S2', units: '3', devices: '40000', budgetPercent: undefined }, output: 'table' },
    ],
  ])('reads: keeper %s', (line, command) => {
    expect(readCommandLine(line.split(' ').filter((word) => word !== ''))).toEqual(command);
  });

  test.each([
    ['sweeps', 'did you mean sweep?'],
    ['nonsense', 'there are status, hubs, sweep'],
    ['constructor', 'There is no such command'],
    ['sweep --dryrun', 'did you mean --dry-run?'],
    ['sweep --devices', 'sweep takes --dry-run, --wait, --output, --help'],
    ['status --min-coverage 101', '--min-coverage must be a number from 0 to 100'],
    ['hubs --output xml', '--output must be one of table, json, csv'],
    ['hubs contoso', 'There are too many arguments. Write: keeper hubs'],
    ['undo contoso', 'An argument is missing. Write: keeper undo HUB RUN [--wait]'],
    ['cancel', 'An argument is missing. Write: keeper cancel HUB [RUN]'],
    ['size 3', 'Write: keeper size [--tier T --units N --devices N] [--budget-percent N]'],
    ['why ', 'An argument is empty. Write: keeper why DEVICE [--hub HUB]'],
    ['why pump-7 --hub ', 'An argument is empty'],
    ['why -odd', 'Write a device id that begins with - after --: keeper why -- -odd-id'],
    ['check f --as what', '--as must be one of settings, hubs, deployedHubs, policy'],
    ['size --tier S2', 'size needs --tier and --devices'],
  ])('refuses: keeper %s', (line, message) => {
    expect(() => readCommandLine(line.split(' '))).toThrow(message);
    expect(() => readCommandLine(line.split(' '))).toThrow(CliError);
  });

  test.each([['sweep', '--key=c2VjcmV0c2VjcmV0'], ['--key=c2VjcmV0c2VjcmV0'], ['hubs', 'c2VjcmV0c2VjcmV0']])(
    'quotes no argument: %s %s',
    (...args) => {
      expect(() => readCommandLine(args)).toThrow(CliError);
      expect(() => readCommandLine(args)).not.toThrow(/c2VjcmV0/);
    },
  );
});
