import { beforeEach, describe, expect, test } from '@jest/globals';
import { newRun, runPath } from '../../../shared/run/run.ts';
import { sweepEveryHub } from '../../../shared/run/sweepEveryHub.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { MemoryLog } from '../../support/memoryLog.ts';
import { MemoryDocuments, MemoryWakeUps } from '../../support/memoryStorage.ts';

/** A run that is older than 90 days at the fake clock's time. */
const oldRunId = '20200101T020000Z-4f2a';

class Night {
  readonly clock = new FakeClock();
  readonly documents = new MemoryDocuments();
  readonly wakeUps = new MemoryWakeUps(this.clock);
  readonly log = new MemoryLog();
  readonly random = () => 0.5;
  readonly hubs = new Map(
    [
      { name: 'a', paused: false },
      { name: 'b', paused: true },
      { name: 'c', paused: false },
    ].map((hub) => [hub.name, { hub }]),
  );

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
    return this.log.lines.filter((line) => line.message === message).map(({ fields }) => fields.hub);
  }
}

describe('the nightly sweep', () => {
  let night: Night;
  beforeEach(async () => {
    night = new Night();
    await night.putOldRuns();
  });

  test('starts a run and sends a wake-up on every hub that is not paused, and removes the old runs of all', async () => {
    await night.clock.run(sweepEveryHub(night, false));
    expect(await night.swept()).toEqual(['a', 'c']);
    expect(night.wakeUps.sent.map(({ hub }) => hub)).toEqual(['a', 'c']);
    expect((await night.documents.list('runs/')).filter((path) => path.includes(oldRunId))).toEqual([]);
    expect(night.logged('Old runs removed')).toEqual(['a', 'b', 'c']);
    expect(night.logged('A paused hub is not swept')).toEqual(['b']);
  });

  test('succeeds although old runs could not be removed', async () => {
    night.documents.remove = async () => Promise.reject(new Error('storage is out of reach'));
    await night.clock.run(sweepEveryHub(night, false));
    expect(await night.swept()).toEqual(['a', 'c']);
    expect(night.logged('Old runs could not be removed')).toEqual(['a', 'b', 'c']);
    expect(night.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('throws if a wake-up could not be sent, after it has started the others and removed old runs', async () => {
    const send = night.wakeUps.send.bind(night.wakeUps);
    night.wakeUps.send = async (hub, delayMs) =>
      hub === 'a' ? Promise.reject(new Error('no queue')) : send(hub, delayMs);
    await expect(night.clock.run(sweepEveryHub(night, false))).rejects.toThrow('1 sweeps could not be started');
    expect(night.logged('A sweep could not be started')).toEqual(['a']);
    expect(await night.swept()).toEqual(['a', 'c']);
    expect(night.logged('Old runs removed')).toEqual(['a', 'b', 'c']);
  });
});
