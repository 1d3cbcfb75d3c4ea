import { describe, expect, test } from '@jest/globals';
import type { QueueSettings } from '../../../local/host/hostJson.ts';
import { startQueueTrigger } from '../../../local/host/queueTrigger.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { MemoryQueue } from './memoryQueue.ts';

/** Measured in Microsoft's host 4.1037 with its queue extension 5.3.10. */
const hostSettings: QueueSettings = {
  batchSize: 4,
  newBatchThreshold: 2,
  maxDequeueCount: 5,
  visibilityTimeoutMs: 60_000,
  maxPollingIntervalMs: 2_000,
  messageEncoding: 'base64',
};

interface Run {
  text: string;
  dequeueCount: number | undefined;
  atMs: number;
  end(error?: Error): void;
}

/** A host that listens on the queues `work` and `work-poison`. */
class Host {
  readonly runs: Run[] = [];
  readonly poisonRuns: Run[] = [];
  private isDead = false;
  private endedRuns = 0;
  private readonly clock: FakeClock;

  constructor(world: World, settings: Partial<QueueSettings>, work: (run: Run) => void = () => undefined) {
    this.clock = world.clock;
    const listen = (queue: MemoryQueue, poisonQueue: MemoryQueue | undefined, runs: Run[]) =>
      startQueueTrigger({
        queue: queue.client(() => this.isDead),
        poisonQueue: poisonQueue?.client(() => this.isDead),
        settings: { ...hostSettings, ...settings },
        clock: world.clock,
        random: () => 0.5,
        run: ({ data, metadata }) =>
          new Promise<void>((resolve, reject) => {
            const end = (error?: Error): void => (error ? reject(error) : resolve());
            const dequeueCount = metadata?.DequeueCount?.int;
            const run = { text: data.string ?? '', dequeueCount, atMs: this.clock.now(), end };
            runs.push(run);
            work(run);
          }),
        writeLog: () => undefined,
      });
    listen(world.work, world.poison, this.runs);
    listen(world.poison, undefined, this.poisonRuns);
  }

  /** As by `kill -9`: nothing that it still does takes effect. */
  kill(): void {
    this.isDead = true;
  }

  /** Ends the oldest run that is under way. */
  endOne(): void {
    this.runs[this.endedRuns]?.end();
    this.endedRuns += 1;
  }
}

class World {
  readonly clock = new FakeClock();
  readonly work = new MemoryQueue('work', this.clock);
  readonly poison = new MemoryQueue('work-poison', this.clock);
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('what a queue trigger fetches', () => {
  test.each([
    // batchSize, newBatchThreshold, messages; running at first, then after each end of one run
    [4, 2, 12, [4, 3, 6, 5, 4, 3, 6]],
    [1, 0, 3, [1, 1, 1]],
    [16, 8, 40, [16, 15, 14, 13, 12, 11, 10, 9, 24]],
    [32, 32, 40, [40, 39]],
    [32, 32, 100, [64, 63, 62]],
    [32, 16, 100, [32, 31]],
  ])(
    'with batchSize %i, newBatchThreshold %i and %i messages, so many run: %j',
    async (batchSize, threshold, count, running) => {
      const world = new World();
      for (let n = 0; n < count; n += 1) world.work.add(base64(`m${n}`));
      const host = new Host(world, { batchSize, newBatchThreshold: threshold });
      const seen: number[] = [];
      for (let ends = 0; ends < running.length; ends += 1) {
        if (ends > 0) host.endOne();
        await world.clock.advance(10_000);
        seen.push(host.runs.length - ends);
      }
      expect(seen).toEqual(running);
    },
  );

  test('however many messages wait, nothing is fetched while more than newBatchThreshold runs are under way', async () => {
    const world = new World();
    for (let n = 0; n < 40; n += 1) world.work.add(base64(`m${n}`));
    const host = new Host(world, {});
    await world.clock.advance(3_600_000);
    expect(host.runs).toHaveLength(4);
    expect(world.work.receivedFor).toEqual([600]);
  });
});

describe('a message in a queue', () => {
  const minutes = (host: Host) => host.runs.map(({ atMs }) => Math.round((atMs - startMs) / 60_000));
  const startMs = new FakeClock().now();

  test.each([
    ['of a function that ends well runs it once', () => undefined, [1], [0], []],
    [
      'of a function that fails once runs it again after a minute',
      (run: Run) => (run.dequeueCount === 1 ? 'fail' : undefined),
      [1, 2],
      [0, 1],
      [],
    ],
    [
      'of a function that always fails runs it five times, and then goes to the poison queue',
      () => 'fail',
      [1, 2, 3, 4, 5],
      [0, 1, 2, 3, 4],
      ['m'],
    ],
  ])('%s', async (_what, outcome, dequeueCounts, atMinutes, poisonTexts) => {
    const world = new World();
    world.work.add(base64('m'));
    const host = new Host(world, {}, (run) => {
      run.end(host?.poisonRuns.includes(run) || outcome(run) === undefined ? undefined : new Error('told to'));
    });
    await world.clock.advance(1_800_000);
    expect(host.runs.map(({ dequeueCount }) => dequeueCount)).toEqual(dequeueCounts);
    expect(minutes(host)).toEqual(atMinutes);
    // The function of the poison queue gets it at once, as a new message.
    expect(host.poisonRuns.map(({ text }) => text)).toEqual(poisonTexts);
    expect(host.poisonRuns.every(({ dequeueCount }) => dequeueCount === 1)).toBe(true);
    expect(world.work.messages).toEqual([]);
  });

  test('of a host that is killed comes back after ten minutes, with dequeueCount 2', async () => {
    const world = new World();
    world.work.add(base64('m'));
    const killed = new Host(world, {});
    await world.clock.advance(60_000);
    killed.kill();
    const next = new Host(world, {});
    await world.clock.advance(600_000 - 60_000 - 3_000);
    expect(next.runs).toEqual([]);
    await world.clock.advance(6_000);
    expect(next.runs.map(({ text, dequeueCount }) => [text, dequeueCount])).toEqual([['m', 2]]);
    expect(killed.runs).toHaveLength(1);
  });

  test('of a host that is killed after it has renewed it comes back ten minutes after the renewal', async () => {
    const world = new World();
    world.work.add(base64('m'));
    const killed = new Host(world, {});
    await world.clock.advance(301_000);
    killed.kill();
    const next = new Host(world, {});
    await world.clock.advance(598_000 - 4_000);
    expect(next.runs).toEqual([]);
    await world.clock.advance(12_000);
    expect(next.runs.map(({ dequeueCount }) => dequeueCount)).toEqual([2]);
  });

  test('whose hosts were killed each time goes to the poison queue without a sixth run', async () => {
    const world = new World();
    world.work.add(base64('m'));
    for (let life = 1; life <= 5; life += 1) {
      const host = new Host(world, {});
      await world.clock.advance(5_000);
      expect(host.runs.map(({ dequeueCount }) => dequeueCount)).toEqual([life]);
      host.kill();
      await world.clock.advance(600_000);
    }
    const last = new Host(world, {}, (run) => run.end());
    await world.clock.advance(10_000);
    expect(last.runs).toEqual([]);
    expect(last.poisonRuns.map(({ text }) => text)).toEqual(['m']);
    expect(world.work.messages).toEqual([]);
  });

  test.each(['{"plain":"text"}', 'YQ=', '%'])(
    'that is not base64 goes to the poison queue at its first delivery, and no function runs for it: %s',
    async (messageText) => {
      const world = new World();
      world.work.add(messageText);
      const host = new Host(world, {}, (run) => run.end());
      await world.clock.advance(5_000);
      expect(world.work.messages).toEqual([]);
      expect(world.poison.messages).toEqual([expect.objectContaining({ messageText })]);
      await world.clock.advance(3_600_000);
      expect([host.runs, host.poisonRuns]).toEqual([[], []]);
    },
  );
});
