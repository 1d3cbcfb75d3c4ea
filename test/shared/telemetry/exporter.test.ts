import { beforeEach, describe, expect, test } from '@jest/globals';
import { Exporter } from '../../../shared/telemetry/exporter.ts';
import type { ExporterOrder } from '../../../shared/telemetry/exporterMessages.ts';
import type { LogRecord, MetricRecord, TelemetryRecord } from '../../../shared/telemetry/records.ts';
import type { ThreadOwner } from '../../../shared/telemetry/startExporterThread.ts';
import { FakeClock } from '../../support/fakeClock.ts';

const line = (message: string): LogRecord => ({ type: 'log', level: 'info', message, fields: {}, atMs: 0 });
const counted = (value: number, hub = 'contoso'): MetricRecord => ({
  type: 'metric',
  name: 'keeper.hub_calls',
  value,
  attributes: { hub },
});

describe('the exporter', () => {
  let clock: FakeClock;
  let exporter: Exporter;
  let owner: ThreadOwner | undefined;
  let threads: number;
  /** Whether the thread does what it is told. */
  let works: boolean;
  let written: TelemetryRecord[];
  let flushes: number;
  let failures: string[];

  beforeEach(() => {
    clock = new FakeClock();
    [threads, works, written, flushes, failures] = [0, true, [], 0, []];
    const send = (order: ExporterOrder) => {
      if (order.order === 'write') written.push(...order.records);
      if (order.order === 'flush') flushes += 1;
      if (works) owner?.onNews({ news: order.order === 'write' ? 'written' : 'flushed' });
    };
    exporter = new Exporter({
      clock,
      startThread: (thread) => {
        threads += 1;
        owner = thread;
        return { send };
      },
      onTrouble: (message) => failures.push(message),
    });
  });

  test('starts nothing until there is something to tell, and then not at once', async () => {
    await clock.advance(60_000);
    expect(threads).toBe(0);
    exporter.add(line('first'));
    await clock.advance(1_900);
    expect(threads).toBe(0);
    await clock.advance(200);
    expect([threads, written]).toEqual([1, [line('first')]]);
  });

  test('loses nothing that comes before the thread is there, in order', async () => {
    for (let index = 0; index < 100; index++) exporter.add(line(String(index)));
    await clock.advance(3_000);
    exporter.add(line('later'));
    await clock.advance(3_000);
    expect(written).toEqual([...Array.from({ length: 100 }, (_, index) => line(String(index))), line('later')]);
    expect(threads).toBe(1);
  });

  test('adds counters up while they wait, each set of attributes by itself', async () => {
    for (let index = 0; index < 10_000; index++) exporter.add(counted(1, `hub-${index % 2}`));
    await clock.advance(3_000);
    expect(written).toEqual([counted(5_000, 'hub-0'), counted(5_000, 'hub-1')]);
    expect(failures).toEqual([]);
  });

  test('a thread that hangs gets no more, and what waits stays within its bounds', async () => {
    works = false;
    exporter.add(line('first'));
    await clock.advance(3_000);
    for (let index = 0; index < 20_000; index++) exporter.add(line('more'));
    await clock.advance(600_000);
    expect(written).toEqual([line('first')]);
    works = true;
    owner?.onNews({ news: 'written' });
    await clock.advance(3_000);
    expect(written).toHaveLength(5_001);
    expect(failures).toEqual(['Telemetry was dropped']);
  });

  test('a flush sends what waits, also where the thread has not been started yet', async () => {
    exporter.add(line('last'));
    await clock.run(exporter.flush(4_000));
    expect([threads, written, flushes]).toEqual([1, [line('last')], 1]);
  });

  test('a flush without anything to tell starts nothing', async () => {
    await clock.run(exporter.flush(4_000));
    expect(threads).toBe(0);
  });

  test('a flush that is not answered ends at its limit', async () => {
    works = false;
    exporter.add(line('last'));
    const startMs = clock.now();
    await clock.run(exporter.flush(4_000));
    expect(clock.now() - startMs).toBe(4_000);
  });

  test('a flush does not wait for a thread that has ended', async () => {
    exporter.add(line('first'));
    await clock.advance(3_000);
    works = false;
    const flushing = exporter.flush(4_000);
    owner?.onEnd(new RangeError('out of memory'));
    const startMs = clock.now();
    await flushing;
    expect(clock.now()).toBe(startMs);
    expect(failures).toEqual(['The telemetry exporter ended']);
  });

  test('a thread that ended is started anew, a minute after its start at the earliest', async () => {
    exporter.add(line('first'));
    await clock.advance(3_000);
    owner?.onEnd(undefined);
    exporter.add(line('lost'));
    await clock.advance(30_000);
    expect(threads).toBe(1);
    await clock.advance(60_000);
    exporter.add(line('again'));
    await clock.advance(3_000);
    expect(threads).toBe(2);
    expect(written).toEqual([line('first'), line('again')]);
  });

  test('does without a thread that cannot be started', async () => {
    const onTrouble = (message: string) => failures.push(message);
    const startThread = () => {
      throw new RangeError('no threads here');
    };
    const alone = new Exporter({ clock, startThread, onTrouble });
    alone.add(line('lost'));
    await clock.advance(10_000);
    alone.add(line('lost too'));
    await clock.run(alone.flush(4_000));
    expect(failures).toEqual(['The telemetry exporter ended']);
  });

  test('a thread that cannot be given something does no more harm than to lose it', async () => {
    let refuses = true;
    const taken: TelemetryRecord[] = [];
    const alone = new Exporter({
      clock,
      startThread: (thread) => ({
        send: (order) => {
          if (refuses) throw new RangeError('too much');
          if (order.order === 'write') taken.push(...order.records);
          thread.onNews({ news: order.order === 'write' ? 'written' : 'flushed' });
        },
      }),
      onTrouble: (message, fields) => failures.push(`${message}: ${fields.error}`),
    });
    alone.add(line('lost'));
    await clock.advance(3_000);
    alone.add(line('lost at the end'));
    await clock.run(alone.flush(4_000));
    expect(failures).toEqual(Array(2).fill('Telemetry could not be handed on and is lost: RangeError'));
    refuses = false;
    alone.add(line('again'));
    await clock.advance(3_000);
    expect(taken).toEqual([line('again')]);
  });

  test('tells once that nothing can be sent, and once that it can be again', async () => {
    exporter.add(line('first'));
    await clock.advance(3_000);
    owner?.onNews({ news: 'sending', works: false, why: 'ECONNREFUSED' });
    owner?.onNews({ news: 'sending', works: true, why: 'HTTP 200' });
    expect(failures).toEqual(['Telemetry cannot be sent and is lost', 'Telemetry is sent again']);
  });
});
