import { expect, test } from '@jest/globals';
import { plan } from '../../../cli/commands/plan.ts';
import { ProgressLine } from '../../../cli/output/progressLine.ts';
import { noCounts } from '../../../shared/run/counts.ts';
import { stubApi } from './stubApi.ts';

const run = { hub: 'one', runId: 'first', dryRun: true, status: 'done', reason: null, waitingFor: null };

async function remarksWith(counts: object, status = 'done', startedBy = 'http'): Promise<readonly string[]> {
  const api = stubApi({
    'POST /api/sweeps': { runs: [{ hub: 'one', runId: 'first' }] },
    'GET /api/sweeps/one/first': { ...run, status, startedBy, counts: { ...noCounts(), ...counts } },
    'GET /api/sweeps/one/first/changes': '\n',
  });
  const progress = new ProgressLine({ isTTY: false, columns: 80, write: () => true });
  const deps = { api, progress, sleep: async () => {}, elapsedMs: () => 0, signal: new AbortController().signal };
  return (await plan(deps, { hubs: [], all: false, exitCode: false })).remarks ?? [];
}

test('keeper plan says that the next sweep within a day, also the nightly one, removes what the plan names', async () => {
  const warning = expect.stringMatching(
    /^one: the next sweep, also the nightly one, removes 1,200 modules\..*24 hours/,
  );
  expect(await remarksWith({ removed: 1_200 })).toContainEqual(warning);
  expect(await remarksWith({ created: 5 })).not.toContainEqual(expect.stringMatching(/nightly/));
  expect(await remarksWith({ removed: 5 }, 'failed')).not.toContainEqual(expect.stringMatching(/nightly/));
  // `plan` has joined it; it allows no removal.
  expect(await remarksWith({ removed: 5 }, 'done', 'assistant')).not.toContainEqual(expect.stringMatching(/nightly/));
});
