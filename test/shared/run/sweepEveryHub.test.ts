import { beforeEach, describe, expect, test } from '@jest/globals';
import { readHubDocument, updateHubDocument } from '../../../shared/run/hubDocument.ts';
import { listRunIds, readRun } from '../../../shared/run/readRuns.ts';
import { reportPath } from '../../../shared/run/report.ts';
import { newRun, runPath } from '../../../shared/run/run.ts';
import { cancelRun, startRun } from '../../../shared/run/runStore.ts';
import { sweepEveryHub } from '../../../shared/run/sweepEveryHub.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { MemoryLog } from '../../support/memoryLog.ts';
import { MemoryDocuments, MemoryWakeUps } from '../../support/memoryStorage.ts';

/** A run that is older than 90 days at the fake clock's time. */
const oldRunId = '20200101T020000Z-4f2a';

const firstTry = { isPastDue: false, isRetry: false };
const retry = { isPastDue: false, isRetry: true };

class Night {
  readonly clock = new FakeClock();
  readonly documents = new MemoryDocuments();
  readonly wakeUps = new MemoryWakeUps(this.clock);
  readonly log = new MemoryLog();
  private draws = 0;
  readonly random = () => (this.draws++ % 97) / 97;
  readonly schedule = '0 0 2 * * *';
  readonly hubs = new Map(
    [
      { name: 'a', paused: false },
      { name: 'b', paused: true },
      { name: 'c', paused: false },
    ].map((hub) => [hub.name, { hub }]),
  );

  outOfService: { name?: string }[] = [];

  async putOldRuns(): Promise<void> {
    for (const hub of this.hubs.keys()) {
      const ref = { runId: oldRunId, dryRun: false, requestedAt: '2020-01-01T02:00:00.000Z' };
      await this.documents.write(runPath(hub, oldRunId), newRun(hub, ref), undefined);
    }
  }

  /** Hubs with a run of this night. */
  async swept(): Promise<string[]> {
    const paths = (await this.documents.list('runs/')).filter((path) => !path.includes(oldRunId));
    return paths.map((path) => path.split('/')[1] ?? '');
  }

  logged(message: string): unknown[] {
    return this.log.lines
      .filter((line) => line.message === message)
      .map(({ fields }) => fields.hub)
      .sort();
  }
}

describe('the nightly sweep', () => {
  let night: Night;
  beforeEach(async () => {
    night = new Night();
    await night.putOldRuns();
  });

  test('starts a run and sends a wake-up on every hub that is not paused, and removes the old runs of all', async () => {
    await night.clock.run(sweepEveryHub(night, firstTry));
    expect(await night.swept()).toEqual(['a', 'c']);
    expect(night.wakeUps.sent.map(({ hub }) => hub).sort()).toEqual(['a', 'c']);
    expect((await night.documents.list('runs/')).filter((path) => path.includes(oldRunId))).toEqual([]);
    expect(night.logged('Old runs removed').sort()).toEqual(['a', 'b', 'c']);
    expect(night.logged('A paused hub is not swept')).toEqual(['b']);
  });

  test('starts all sweeps before it removes any run', async () => {
    const remove = night.documents.remove.bind(night.documents);
    const sweptAtRemoval = new Set<string>();
    night.documents.remove = async (path) => {
      sweptAtRemoval.add((await night.swept()).join());
      return remove(path);
    };
    await night.clock.run(sweepEveryHub(night, { isPastDue: false, isRetry: false }));
    expect([...sweptAtRemoval]).toEqual(['a,c']);
  });

  test('keeps a live run, however old it is', async () => {
    const activeRun = { runId: oldRunId, dryRun: false, requestedAt: '2020-01-01T02:00:00.000Z' };
    await updateHubDocument(night.documents, 'b', () => ({ activeRun }));
    await night.clock.run(sweepEveryHub(night, { isPastDue: false, isRetry: false }));
    expect((await night.documents.list('runs/')).filter((path) => path.includes(oldRunId))).toEqual([
      runPath('b', oldRunId),
    ]);
  });

  test('removes a bounded number of runs each night, several at once', async () => {
    for (let index = 0; index < 1_500; index++) {
      const runId = `20200102T020000Z-${index.toString(16).padStart(4, '0')}`;
      await night.documents.write(runPath('a', runId), {}, undefined);
      await night.documents.writePart(reportPath({ hub: 'a', runId: runId }, 'failures'), 1, '{}\n');
    }
    const remove = night.documents.remove.bind(night.documents);
    night.documents.remove = async (path) => {
      await night.clock.sleep(50);
      await remove(path);
    };
    const startedAtMs = night.clock.now();
    await night.clock.run(sweepEveryHub(night, { isPastDue: false, isRetry: false }));
    expect((await night.documents.list('runs/a/2020')).length).toBe(2 * 501); // 1,501 old ones less 1,000, one without failures
    expect(night.clock.now() - startedAtMs).toBeLessThan(15_000);
  });

  test('leaves the runs of a hub that is not in the settings if another app works on it', async () => {
    const { run } = await startRun(night, 'other', { dryRun: false, startedBy: 'http' });
    await night.clock.advance(30 * 3600_000);
    const wokenAt = new Date(night.clock.now() - 3600_000).toISOString();
    await updateHubDocument(night.documents, 'other', (document) => ({ ...document, wokenAt }));
    await night.clock.run(sweepEveryHub(night, firstTry));
    expect(await readRun(night.documents, 'other', run.runId)).toMatchObject({ status: 'queued', reason: null });
    expect(await readHubDocument(night.documents, 'other')).toMatchObject({ activeRun: { runId: run.runId } });
  });

  test('ends a live run that the hub document does not name any more, and no other', async () => {
    const { run: lost } = await startRun(night, 'a', { dryRun: false, startedBy: 'http' });
    const broken = { runId: 5 } as unknown as { runId: string; dryRun: boolean; requestedAt: string };
    await updateHubDocument(night.documents, 'a', (document) => ({ ...document, activeRun: broken }));
    await night.clock.run(sweepEveryHub(night, firstTry));
    expect(await readRun(night.documents, 'a', lost.runId)).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/does not name this run.*Start another run/),
    });
    const { activeRun } = await readHubDocument(night.documents, 'a');
    expect(activeRun?.runId).not.toBe(lost.runId);
    expect(await readRun(night.documents, 'a', activeRun?.runId ?? '')).toMatchObject({ status: 'queued' });
  });

  test('does not say that it ended a run which ended by itself meanwhile', async () => {
    const { run } = await startRun(night, 'b', { dryRun: false, startedBy: 'http' });
    const read = night.documents.read.bind(night.documents);
    let looks = 0;
    night.documents.read = async (path) => {
      if (path === runPath('b', run.runId)) looks += 1;
      const found = await read(path);
      if (path === runPath('b', run.runId) && looks === 1) await cancelRun(night, 'b', run.runId);
      return found as never;
    };
    await night.clock.run(sweepEveryHub(night, firstTry));
    expect(looks).toBeGreaterThan(1);
    expect(await readRun(night.documents, 'b', run.runId)).toMatchObject({ status: 'cancelled' });
    expect(night.logged('A run that its hub document does not name was ended')).toEqual([]);
  });

  test('ends the live runs of a hub that is not in the settings any more', async () => {
    const removed = 'removed';
    const { run } = await startRun(night, removed, { dryRun: false, startedBy: 'http' });
    const { run: dry } = await startRun(night, removed, { dryRun: true, startedBy: 'http' });
    await night.clock.advance(25 * 3600_000);
    await night.clock.run(sweepEveryHub(night, { isPastDue: false, isRetry: false }));
    for (const { runId } of [run, dry]) {
      expect(await readRun(night.documents, removed, runId)).toMatchObject({
        status: 'failed',
        reason: expect.stringContaining('not in the settings'),
      });
    }
    expect(await readHubDocument(night.documents, removed)).not.toHaveProperty('activeRun');
    expect(await night.swept()).toEqual(['a', 'c', 'removed', 'removed']);
  });

  test.each([['wrong'], [undefined]])('leaves the runs of a hub whose entry is wrong (name: %s)', async (name) => {
    const { run } = await startRun(night, 'wrong', { dryRun: false, startedBy: 'http' });
    night.outOfService = name === undefined ? [{}] : [{ name }];
    await night.clock.advance(2 * 24 * 3600_000);
    await sweepEveryHub(night, firstTry);
    expect((await readRun(night.documents, 'wrong', run.runId))?.status).toBe('queued');
  });

  test('succeeds although old runs could not be removed', async () => {
    night.documents.remove = async () => Promise.reject(new Error('storage is out of reach'));
    await night.clock.run(sweepEveryHub(night, firstTry));
    expect(await night.swept()).toEqual(['a', 'c']);
    expect(night.logged('Old runs could not be removed').sort()).toEqual(['a', 'b', 'c']);
    expect(night.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('throws if a wake-up could not be sent, after it has started the others and removed old runs', async () => {
    const send = night.wakeUps.send.bind(night.wakeUps);
    night.wakeUps.send = async (hub, delayMs) =>
      hub === 'a' ? Promise.reject(new Error('no queue')) : send(hub, delayMs);
    await expect(night.clock.run(sweepEveryHub(night, firstTry))).rejects.toThrow('1 sweeps could not be started');
    expect(night.logged('A sweep could not be started')).toEqual(['a']);
    expect(await night.swept()).toEqual(['a', 'c']);
    expect(night.logged('Old runs removed').sort()).toEqual(['a', 'b', 'c']);
  });

  test('starts on a retry only what the first try has not started, even if a run has ended meanwhile', async () => {
    const send = night.wakeUps.send.bind(night.wakeUps);
    night.wakeUps.send = async (hub, delayMs) =>
      hub === 'c' ? Promise.reject(new Error('no queue')) : send(hub, delayMs);
    await expect(night.clock.run(sweepEveryHub(night, firstTry))).rejects.toThrow('1 sweeps');
    const [first] = await listRunIds(night.documents, 'a');
    await cancelRun(night, 'a', first ?? '');
    night.wakeUps.send = send;
    await night.clock.advance(60_000);
    await night.clock.run(sweepEveryHub(night, retry));
    expect((await listRunIds(night.documents, 'a'))[0]).toBe(first);
    expect(night.wakeUps.sent.map(({ hub }) => hub)).toEqual(['a', 'c']);
  });

  test('does not have the same hubs wait longest every night', async () => {
    for (let index = 0; index < 37; index++) {
      night.hubs.set(`hub-${index}`, { hub: { name: `hub-${index}`, paused: false } });
    }
    const nightsLast = new Map<string, number>();
    for (let day = 0; day < 40; day++) {
      night.wakeUps.sent.length = 0;
      await night.clock.run(sweepEveryHub(night, firstTry));
      for (const { hub } of night.wakeUps.sent.slice(-10)) nightsLast.set(hub, (nightsLast.get(hub) ?? 0) + 1);
      await night.clock.advance(24 * 3600_000);
    }
    expect(nightsLast.size).toBe(39);
    expect(Math.max(...nightsLast.values())).toBeLessThan(20);
  });

  test('ends within the function timeout while storage does not respond, however many hubs there are', async () => {
    for (let index = 0; index < 200; index++)
      night.hubs.set(`hub-${index}`, { hub: { name: `hub-${index}`, paused: false } });
    night.documents.read = () => new Promise(() => undefined);
    night.documents.readEtag = () => new Promise(() => undefined);
    night.documents.list = () => new Promise(() => undefined);
    const startedAtMs = night.clock.now();
    await expect(night.clock.run(sweepEveryHub(night, firstTry))).rejects.toThrow('sweeps could not be started');
    expect(night.clock.now() - startedAtMs).toBeLessThan(500_000);
  });
});
