import { describe, expect, test } from '@jest/globals';
import { maxCalls } from '../../../scripts/liveCheck/callBudget.ts';
import { claims } from '../../../scripts/liveCheck/claims.ts';
import { replayRecording } from '../../local/emulator/wire/replayRecording.ts';
import { withEmulator } from '../../local/emulator/withEmulator.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { entraAccess, runOnEmulator, scratchId } from './runOnEmulator.ts';

const neverSettledHere = ['throttled-without-retry-after', 'routed-module-deletion', 'events-of-imports'];
const resultsOf = (rows: ReadonlyMap<string, { result: string }>) =>
  Object.fromEntries([...rows].map(([id, { result }]) => [id, result]));
const expected = Object.fromEntries(
  claims.map(({ id }) => [id, neverSettledHere.includes(id) ? 'not settled' : 'as expected']),
);

describe('The live check on a hub that behaves as documented', () => {
  test.each([
    ['SAS', undefined],
    ['Entra ID', entraAccess],
  ])(
    'finds under %s each claim that a client can settle as expected, and leaves no device behind',
    async (_, access) => {
      const run = await runOnEmulator(access ? { access } : {});
      expect([run.code, resultsOf(run.rows)]).toEqual([0, expected]);
      expect(run.devicesAfter).toHaveLength(1100);
      expect(run.devicesAfter).not.toContain(scratchId);
      expect(run.output).toContain('Nothing that was settled differs');
      const used = Number(/(\d+) calls\.$/.exec(run.output)?.[1]);
      expect(used).toBeGreaterThan(20);
      expect(used).toBeLessThanOrEqual(maxCalls);
    },
  );

  test('no key, token, host or id is in the output or the recordings, and their etags are not those of the hub', async () => {
    const run = await runOnEmulator({ hub: { name: 'fabrikam-7' } });
    const all = [run.output.replaceAll(scratchId, ''), ...run.recordings.values()].join('\n');
    const key = /SharedAccessKey=(.+)$/.exec(run.emulator.connectionString)?.[1] ?? 'none';
    for (const secret of [key, run.emulator.hostName, scratchId, 'fabrikam', 'sig=', 'authorization":'])
      expect([secret, all.includes(secret)]).toEqual([secret, false]);
    expect([...run.recordings.keys()]).toEqual(expect.arrayContaining(['existing-module.json', 'largest-page.json']));
    expect(run.recordings.get('existing-module.json')).toContain(
      'Device LiveCheckDevice0000001 in IotHub contoso already contains Module live-check-conflict.',
    );
    const page = JSON.parse(run.recordings.get('largest-page.json') ?? '');
    expect(page.exchanges[0].response).toMatchObject({ trimmed: true, originalCount: 1000, body: { length: 3 } });
  });

  test('writes recordings that the emulator answers as recorded, like those in the repository', async () => {
    const run = await runOnEmulator({ only: ['bulk-create-without-keys'] });
    const [first, own] = ['first-calls.json', 'bulk-create-without-keys.json'].map((name) =>
      JSON.parse(run.recordings.get(name) ?? ''),
    );
    // The hub of the replay has no other devices to query, and makes its device at once.
    const made = first.exchanges
      .filter(({ request }: { request: { method: string } }) => request.method === 'PUT')
      .slice(0, 1);
    const clock = new FakeClock();
    await withEmulator({ clock }, (client) =>
      replayRecording({ ...own, exchanges: [...made, ...own.exchanges] }, client, clock),
    );
  });

  test('a small hub settles no page sizes, and says why', async () => {
    const run = await runOnEmulator({ devices: 0, only: ['largest-page', 'default-page'] });
    expect(run.code).toBe(0);
    expect(Object.fromEntries(run.rows)).toMatchObject({
      'largest-page': { result: 'not settled', seen: expect.stringContaining('too few devices') },
      'default-page': { result: 'not settled', seen: expect.stringContaining('too few devices') },
    });
  });
});
