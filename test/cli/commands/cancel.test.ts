import { expect, test } from '@jest/globals';
import { CliError } from '../../../cli/cliError.ts';
import { cancel } from '../../../cli/commands/cancel.ts';
import { stubApi } from './stubApi.ts';

test('keeper cancel says that a run is damaged, and not that there is none', async () => {
  const why = 'The stored document runs/one/c.json is not JSON.';
  const api = stubApi({
    'GET /api/sweeps?hub=one': { runs: [], unknown: [{ runId: 'c', what: 'runs/one/c.json', why }] },
  });
  const cancelling = cancel(api, 'one', undefined);
  await expect(cancelling).rejects.toThrow(CliError);
  await expect(cancelling).rejects.toThrow(why);
});
