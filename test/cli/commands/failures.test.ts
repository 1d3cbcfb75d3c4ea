import { expect, test } from '@jest/globals';
import { failures } from '../../../cli/commands/failures.ts';
import { exitCodes } from '../../../cli/exitCodes.ts';
import { stubApi } from './stubApi.ts';

test('keeper failures shows the failures of the newest sweep, not of an undo after it', async () => {
  const run = { hub: 'one', dryRun: false, startedAt: '2026-11-28T02:00:00Z', status: 'done', undoes: null };
  const runs = [
    { ...run, runId: 'third', dryRun: true },
    { ...run, runId: 'second', undoes: 'first' },
    { ...run, runId: 'first' },
  ];
  const line = { deviceId: 'pump-1', moduleId: 'agent', outcome: 'blocked', reason: 'disabled', advice: 'Enable it.' };
  const api = stubApi({
    'GET /api/sweeps?hub=one': { runs },
    'GET /api/sweeps/one/first/failures': `${JSON.stringify(line)}\n`,
  });
  const { table, exitCode } = await failures(api, 'one', undefined);
  expect(table.rows).toEqual([['one', 'pump-1', 'agent', 'blocked', 'disabled', 'Enable it.']]);
  expect(exitCode).toBe(exitCodes.no);
});

test('keeper failures says which newer run it cannot read, and is not content', async () => {
  const run = {
    hub: 'one',
    runId: 'b',
    dryRun: false,
    startedAt: '2026-11-28T02:00:00Z',
    status: 'done',
    undoes: null,
  };
  const unknown = [
    { runId: 'c', what: 'runs/one/c.json', why: 'The stored document runs/one/c.json is not JSON.' },
    { runId: 'a', what: 'runs/one/a.json', why: 'The stored document runs/one/a.json is not JSON.' },
  ];
  const api = stubApi({ 'GET /api/sweeps?hub=one': { runs: [run], unknown }, 'GET /api/sweeps/one/b/failures': '' });
  const { remarks, exitCode } = await failures(api, 'one', undefined);
  expect(remarks).toContain('The stored document runs/one/c.json is not JSON.');
  expect(remarks).not.toContain('The stored document runs/one/a.json is not JSON.');
  expect(exitCode).toBe(exitCodes.unreachable);
});
