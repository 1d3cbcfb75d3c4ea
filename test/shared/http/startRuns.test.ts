import { describe, expect, test } from '@jest/globals';
import { startRuns } from '../../../shared/http/startRuns.ts';
import { ApiDescription } from '../../docs/apiDescription.ts';
import { failingWhile, StorageRefusalError } from '../../support/failingWhile.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { MemoryLog } from '../../support/memoryLog.ts';
import { MemoryDocuments, MemoryWakeUps } from '../../support/memoryStorage.ts';

/** The platform's limit for a response. */
const platformLimitMs = 230_000;

/** Storage whose calls take `latencyMs(path)`, and fail if `isBroken(path)`. */
function setUp({
  latencyMs = () => 0,
  isBroken = () => false,
}: {
  latencyMs?: (path: string) => number;
  isBroken?: (path: string) => boolean;
}) {
  const clock = new FakeClock();
  const stored = new MemoryDocuments();
  const documents = new Proxy(stored, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return async (path: string, ...rest: unknown[]) => {
        await clock.sleep(latencyMs(path));
        if (isBroken(path)) throw new StorageRefusalError();
        return value.call(target, path, ...rest);
      };
    },
  });
  const log = new MemoryLog();
  const wakeUps = new MemoryWakeUps(clock);
  let draws = 0;
  const deps = { documents, wakeUps, clock, log, random: () => (draws++ % 97) / 97 };
  return {
    deps,
    clock,
    log,
    wakeUps,
    start: (hubs: string[]) => clock.run(startRuns(deps, hubs, { dryRun: false, startedBy: 'http' })),
  };
}

const hubNames = (count: number) => Array.from({ length: count }, (_, index) => `hub-${index}`);

describe('startRuns', () => {
  test('with 200 hubs and storage of 2 s a call starts all, in their order, within the time of a response', async () => {
    const { start, clock, wakeUps } = setUp({ latencyMs: () => 2_000 });
    const { runs, notStarted } = await start(hubNames(200));
    expect(clock.elapsedMs()).toBeLessThan(platformLimitMs);
    expect(runs.map(({ hub }) => hub)).toEqual(hubNames(200));
    expect(notStarted).toEqual([]);
    expect(wakeUps.sent).toHaveLength(200);
  });

  test('with 1,000 hubs and storage that hangs responds in time with a problem that says to send it again', async () => {
    const { start, clock } = setUp({ latencyMs: () => 600_000 });
    await expect(start(hubNames(1_000))).rejects.toMatchObject({
      ...{ status: 503, type: 'storage-unavailable', retryAfterSeconds: 10 },
      detail: expect.stringContaining('Send the request again'),
    });
    expect(clock.elapsedMs()).toBeLessThan(platformLimitMs);
  });

  test('names the hubs whose run could not be started, and starts the others', async () => {
    const { start, log } = setUp({
      isBroken: (path) => path.includes('hub-1'),
      latencyMs: (path) => (path.includes('hub-3') ? 600_000 : 10),
    });
    const { runs, notStarted } = await start(hubNames(5));
    expect(runs.map(({ hub }) => hub)).toEqual(['hub-0', 'hub-2', 'hub-4']);
    expect(notStarted).toMatchObject([
      { hub: 'hub-1', problem: { type: 'urn:module-keeper:storage-unavailable', status: 503 } },
      { hub: 'hub-3', problem: { detail: expect.stringContaining('The run may still start') } },
    ]);
    expect(JSON.stringify(notStarted)).not.toContain('c2VjcmV0');
    const said = log.lines.filter(({ level }) => level === 'error');
    expect(said.map(({ message, fields }) => [message, fields.hub])).toEqual([
      ['A sweep could not be started', 'hub-1'],
      ['A sweep could not be started', 'hub-3'],
    ]);
    const body = { runs: runs.map((run) => ({ ...run, url: 'https://a.example/api/sweeps/x' })), notStarted };
    const answer = { status: 202, contentType: 'application/json', text: JSON.stringify(body) };
    expect(new ApiDescription().mistakesOfAnswer('startSweep', answer)).toEqual([]);
  });

  test('throws what failed if no run could be started', async () => {
    const { start } = setUp({ isBroken: () => true });
    await expect(start(['contoso'])).rejects.toThrow(StorageRefusalError);
  });

  test('returns a run that is live already when it is asked again for a hub whose worker could not be woken', async () => {
    const { deps, clock } = setUp({});
    const broken = { ...deps, wakeUps: failingWhile(() => true, deps.wakeUps) };
    await expect(clock.run(startRuns(broken, ['contoso'], { dryRun: false, startedBy: 'http' }))).rejects.toMatchObject(
      { code: 'ECONNREFUSED' },
    );
    expect(await clock.run(startRuns(deps, ['contoso'], { dryRun: false, startedBy: 'http' }))).toMatchObject({
      runs: [{ alreadyRunning: true }],
    });
  });
});
