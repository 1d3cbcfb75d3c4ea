import { describe, expect, test } from '@jest/globals';
import { CliError } from '../../../cli/cliError.ts';
import { followRuns } from '../../../cli/commands/followRuns.ts';
import { sweep } from '../../../cli/commands/sweep.ts';
import { exitCodes } from '../../../cli/exitCodes.ts';
import { ProgressLine } from '../../../cli/output/progressLine.ts';
import { newRun } from '../../../shared/run/run.ts';
import { runView } from '../../../shared/run/runView.ts';
import { stubApi } from './stubApi.ts';

const runId = '20261129T020000Z-4f2a';
const runPath = `GET /api/sweeps/contoso/${runId}`;
const unreachable = new CliError('The app cannot be reached', exitCodes.unreachable, 2_000);

function run(
  status: 'queued' | 'running' | 'done' | 'failed',
  more: { devices?: number; created?: number; failed?: number } = {},
) {
  const view = runView(newRun('contoso', { runId, dryRun: false, requestedAt: '2026-11-29T02:00:00Z' }));
  return { ...view, status, totalDevices: 100, counts: { ...view.counts, ...more } };
}

/** Answers one after the other; the last one again and again. */
function inTurn(...answers: unknown[]) {
  return () => (answers.length > 1 ? answers.shift() : answers[0]);
}

function deps(answers: unknown[], isTTY = true) {
  const written: string[] = [];
  let slept = 0;
  let nowMs = 0;
  const interrupted = new AbortController();
  return {
    api: stubApi({
      [runPath]: inTurn(...answers),
      'POST /api/sweeps': { runs: [{ hub: 'contoso', runId, url: '', alreadyRunning: false }] },
    }),
    progress: new ProgressLine({ isTTY, columns: 200, write: (text: string) => written.push(text) > 0 }),
    sleep: async (ms: number) => {
      nowMs += ms;
      slept += 1;
      if (slept > 200) interrupted.abort();
    },
    elapsedMs: () => nowMs,
    signal: interrupted.signal,
    interrupted,
    written,
    slept: () => slept,
  };
}

const started = [{ hub: 'contoso', runId }];

describe('followRuns', () => {
  test('asks again within its time limit although a gateway says that the app may be asked in an hour', async () => {
    const inAnHour = new CliError('The app cannot be reached', exitCodes.unreachable, 3_600_000);
    const with_ = deps([inAnHour]);
    await expect(followRuns(with_, started)).rejects.toBe(inAnHour);
    expect(with_.elapsedMs()).toBeLessThanOrEqual(150_000);
  });

  test('shows on a terminal how far the run is, and removes the line at the end', async () => {
    const with_ = deps([run('queued'), run('running', { devices: 50, created: 40 }), run('done', { devices: 100 })]);
    expect(await followRuns(with_, started)).toMatchObject([{ status: 'done' }]);
    expect(with_.written.join('')).toContain('[###############...............]  50 %  40 changed');
    expect(with_.written.at(-1)).toBe('\r\x1b[K');
  });

  test('writes nothing where the output is no terminal', async () => {
    const with_ = deps([run('running'), run('done')], false);
    await followRuns(with_, started);
    expect(with_.written).toEqual([]);
  });

  test('goes on while the app does not answer for a while, as during a deployment', async () => {
    const with_ = deps([run('running'), ...Array.from({ length: 59 }, () => unreachable), run('running'), run('done')]);
    expect(await followRuns(with_, started)).toMatchObject([{ status: 'done' }]);
    expect(with_.slept()).toBe(61);
  });

  test('waits as long as the app asks for', async () => {
    const throttled = new CliError('The app limits its calls', exitCodes.unreachable, 30_000);
    const with_ = deps([throttled, run('done')]);
    await followRuns(with_, started);
    expect(with_.elapsedMs()).toBe(30_000);
  });

  test('ends at once if the key is refused', async () => {
    const refused = new CliError('The app refuses the key', exitCodes.unreachable);
    const with_ = deps([refused]);
    await expect(followRuns(with_, started)).rejects.toBe(refused);
    expect(with_.slept()).toBe(0);
  });

  test('ends if the app does not answer any more, or refuses', async () => {
    await expect(followRuns(deps([unreachable]), started)).rejects.toBe(unreachable);
    const refusal = new CliError('There is no such run', exitCodes.no);
    const with_ = deps([refusal]);
    await expect(followRuns(with_, started)).rejects.toBe(refusal);
    expect(with_.slept()).toBe(0);
  });

  test('ends at Ctrl+C and says how to cancel the run', async () => {
    const with_ = deps([run('running')]);
    with_.interrupted.abort();
    await expect(followRuns(with_, started)).rejects.toMatchObject({
      exitCode: 130,
      message: expect.stringContaining(`keeper cancel contoso ${runId}`),
    });
  });
});

describe('keeper sweep --wait', () => {
  test.each([
    ['done', {}, 0],
    ['done', { failed: 1 }, 1],
    ['failed', {}, 1],
  ] as const)('ends for a run that is %s with the counts %j with exit code %i', async (status, counts, exitCode) => {
    const with_ = deps([run(status, counts)]);
    const answer = await sweep(with_, { hubs: ['contoso'], dryRun: false, wait: true });
    expect(answer.exitCode).toBe(exitCode);
    expect(with_.api.calls[0]).toBe('POST /api/sweeps {"dryRun":false,"hubs":["contoso"]}');
  });
});
