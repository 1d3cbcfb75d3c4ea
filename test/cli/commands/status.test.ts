import { describe, expect, test } from '@jest/globals';
import { hubs } from '../../../cli/commands/hubs.ts';
import { status } from '../../../cli/commands/status.ts';
import { answerText } from '../../../cli/output/answer.ts';
import type { HubStatus, Status } from '../../../shared/api/statusSchemas.ts';
import { stubApi } from './stubApi.ts';

/** A hub that is well. */
function hub(more: Partial<HubStatus> = {}): HubStatus {
  const counts = { devices: 10, selected: 10, withModule: 10, missing: 0, gone: 0, excluded: {}, blocked: {} };
  const lastRun = { runId: '20261129T020000Z-4f2a', finishedAt: '2026-11-29T02:10:00.000Z' };
  return {
    hub: 'contoso',
    hostName: 'contoso.azure-devices.net',
    paused: false,
    outOfService: null,
    unknown: [],
    coverage: {
      ...{
        asOf: lastRun.finishedAt,
        runId: lastRun.runId,
        share: 1,
        incomplete: false,
        policyIsCurrent: true,
        undoneBy: null,
      },
      counts,
    },
    lastFinishedSweep: lastRun,
    nextSweep: '2026-11-30T02:00:00.000Z',
    liveRun: null,
    queuedRun: null,
    waitingFor: null,
    pending: 0,
    outage: null,
    refusedSince: null,
    fullSince: null,
    headroom: null,
    full: null,
    rollouts: [],
    givenUp: [],
    budget: {},
    runs: [],
    failures: null,
    health: null,
    ...more,
  };
}

function covered(share: number | null, more: object = {}): Partial<HubStatus> {
  const { coverage } = hub();
  if (coverage === null) throw new Error('A hub that is well has a coverage.');
  return { coverage: { ...coverage, share, ...more } };
}

async function statusOf(hubsOfApp: HubStatus[], minCoverage = 100, more: object = {}) {
  const policy = { fingerprint: '5e0e1f5a4f0c6a0b', source: 'default', problems: [], modules: [] };
  const answer = {
    at: '2026-11-29T09:00:00.000Z',
    policy,
    hubs: hubsOfApp,
    warnings: [],
    ...more,
  } as unknown as Status;
  const { exitCode, ...shown } = await status(stubApi({ 'GET /api/status': answer }), minCoverage);
  return { exitCode, text: answerText({ exitCode, ...shown }, 'table') };
}

describe('keeper status', () => {
  test('answers yes if every hub is well', async () => {
    const { exitCode, text } = await statusOf([hub(), hub({ hub: 'fabrikam' })]);
    expect(exitCode).toBe(0);
    expect(text).toContain('contoso   idle   100.0 %');
    expect(text).toContain('All is well.');
  });

  test('answers yes for an app without hubs, and for a paused hub', async () => {
    expect((await statusOf([])).exitCode).toBe(0);
    expect(await statusOf([hub({ paused: true, coverage: null })])).toMatchObject({ exitCode: 0 });
  });

  test('answers no for a coverage that belongs to another policy, and without a valid policy', async () => {
    expect(await statusOf([hub(covered(1, { policyIsCurrent: false }))])).toMatchObject({
      exitCode: 1,
      text: expect.stringContaining('The policy has changed since the last sweep'),
    });
    const policy = {
      fingerprint: null,
      source: null,
      modules: [],
      problems: [{ setting: 'policy.json', message: 'x' }],
    };
    const { exitCode, text } = await statusOf([hub()], 100, { policy });
    expect([exitCode, text]).toEqual([1, expect.stringMatching(/no valid policy.*policy\.json: x/s)]);
  });

  test('answers no for a coverage of before an undo', async () => {
    expect(await statusOf([hub(covered(1, { undoneBy: '20261129T020000Z-4f2a' }))])).toMatchObject({
      exitCode: 1,
      text: expect.stringContaining('Undo 20261129T020000Z-4f2a creates modules'),
    });
  });

  test('answers no for a failed sweep after which a run was cancelled', async () => {
    const runs = [{ dryRun: false, status: 'cancelled' }, failedRun] as HubStatus['runs'];
    expect(await statusOf([hub({ runs })])).toMatchObject({ exitCode: 1 });
  });

  const failedRun = {
    runId: '1',
    dryRun: false,
    status: 'failed',
    reason: 'A role is missing.',
  } as HubStatus['runs'][0];
  test.each<[string, Partial<HubStatus>, string]>([
    ['no sweep has finished', { coverage: null }, 'No sweep has finished yet'],
    ['a device lacks its module', covered(0.9999), '99.9 %'],
    ['a device lacks its module', covered(0.9999), 'its coverage is below 100 %'],
    ['the sweep did not see all devices', covered(null, { incomplete: true }), 'its coverage is not known'],
    [
      'its settings have problems',
      { outOfService: [{ setting: 'HUBS[0].tier', message: 'write S1' }] },
      'HUBS[0].tier: write S1',
    ],
    ['it refuses the app', { refusedSince: '2026-11-29T01:00:00Z' }, 'refused the app since 2026-11-29T01:00:00Z'],
    [
      'it has an outage',
      { outage: { since: '2026-11-29T01:00:00Z', slices: 3, reason: 'HTTP 503', comeBackAt: null } },
      'The hub has served no call since 2026-11-29T01:00:00Z',
    ],
    ['it is full', { fullSince: '2026-11-29T01:00:00Z' }, 'Only the reserved headroom has remained since'],
    [
      'a part could not be read',
      { unknown: [{ what: 'hubs/contoso.json', why: 'It was damaged.' }] },
      'hubs/contoso.json could not be read. It was damaged.',
    ],
    ['its last sweep failed', { runs: [failedRun] }, 'The last sweep failed. A role is missing.'],
  ])('answers no, and says so, if %s', async (_what, state, words) => {
    const { exitCode, text } = await statusOf([hub(), hub({ hub: 'fabrikam', ...state })]);
    expect(exitCode).toBe(1);
    expect(text).toContain(words);
    expect(text.split('\n').filter((line) => line.startsWith('  '))).toEqual([
      expect.stringMatching(/^ {2}fabrikam: /),
    ]);
  });

  test('answers yes after a failed dry run, and for a coverage that is at least --min-coverage', async () => {
    expect((await statusOf([hub({ runs: [{ ...failedRun, dryRun: true }] })])).exitCode).toBe(0);
    expect((await statusOf([hub(covered(0.995))], 99.5)).exitCode).toBe(0);
    expect((await statusOf([hub(covered(0.994))], 99.5)).exitCode).toBe(1);
  });

  test('says what failed and what to do', async () => {
    const causes = [{ outcome: 'blocked', reason: 'disabled', count: 1200, advice: 'Enable it.' }];
    const { text } = await statusOf([hub({ failures: { runId: '1', total: 1200, causes } })]);
    expect(text).toContain('contoso: 1,200 blocked (disabled). Enable it.');
  });

  test('lets no control sequence that the app sends reach the terminal', async () => {
    const hostile = '\x1b]0;title\x07<script>\x9b2J\u202e';
    const state = hub({ hub: hostile, waitingFor: hostile, unknown: [{ what: hostile, why: hostile }] });
    for (const answer of [
      (await statusOf([state])).text,
      answerText(await hubs(stubApi({ 'GET /api/hubs': { hubs: [state] } })), 'csv'),
    ]) {
      expect(answer).toContain('\\u{1b}]0;title\\u{7}<script>');
      for (const control of hostile.match(/\p{C}/gu) ?? []) expect(answer).not.toContain(control);
    }
  });
});
