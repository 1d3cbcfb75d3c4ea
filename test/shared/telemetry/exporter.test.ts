import { beforeEach, describe, expect, test } from '@jest/globals';
import { Exporter } from '../../../shared/telemetry/exporter.ts';
import type { ExporterCommand } from '../../../shared/telemetry/exporterMessages.ts';
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

describe('Exporter', () => {
  let clock: FakeClock;
  let exporter: Exporter;
  let owner: ThreadOwner | undefined;
  let threads: number;
  /** Whether the thread responds to commands. */
  let works: boolean;
  let written: TelemetryRecord[];
  let flushes: number;
  let warnings: string[];

  beforeEach(() => {
    clock = new FakeClock();
    [threads, works, written, flushes, warnings] = [0, true, [], 0, []];
    const send = (message: ExporterCommand) => {
      if (message.command === 'write') written.push(...message.records);
      if (message.command === 'flush') flushes += 1;
      if (works) owner?.onEvent({ event: message.command === 'write' ? 'written' : 'flushed' });
    };
    const startThread = (newOwner: ThreadOwner) => {
      threads += 1;
      owner = newOwner;
      return { send };
    };
    exporter = new Exporter(clock, startThread, (message) => warnings.push(message));
  });

  test('starts no thread before the first record, and then not at once', async () => {
    await clock.advance(60_000);
    expect(threads).toBe(0);
    exporter.add(line('first'));
    await clock.advance(1_900);
    expect(threads).toBe(0);
    await clock.advance(200);
    expect([threads, written]).toEqual([1, [line('first')]]);
  });

  test('keeps records that come before the start of the thread, in order', async () => {
    for (let index = 0; index < 100; index++) exporter.add(line(String(index)));
    await clock.advance(3_000);
    exporter.add(line('later'));
    await clock.advance(3_000);
    expect(written).toEqual([...Array.from({ length: 100 }, (_, index) => line(String(index))), line('later')]);
    expect(threads).toBe(1);
  });

  test('adds up waiting measurements of a counter, separately for each set of attributes', async () => {
    for (let index = 0; index < 10_000; index++) exporter.add(counted(1, `hub-${index % 2}`));
    await clock.advance(3_000);
    expect(written).toEqual([counted(5_000, 'hub-0'), counted(5_000, 'hub-1')]);
    expect(warnings).toEqual([]);
  });

  test('sends nothing more to a thread that hangs, and drops records beyond the size of the buffer', async () => {
    works = false;
    exporter.add(line('first'));
    await clock.advance(3_000);
    for (let index = 0; index < 20_000; index++) exporter.add(line('more'));
    await clock.advance(600_000);
    expect(written).toEqual([line('first')]);
    works = true;
    owner?.onEvent({ event: 'written' });
    await clock.advance(3_000);
    expect(written).toHaveLength(5_001);
    expect(warnings).toEqual(['Telemetry was dropped']);
  });

  test('flush sends waiting records, also if the thread has not started yet', async () => {
    exporter.add(line('last'));
    await clock.run(exporter.flush(4_000));
    expect([threads, written, flushes]).toEqual([1, [line('last')], 1]);
  });

  test('flush without records starts no thread', async () => {
    await clock.run(exporter.flush(4_000));
    expect(threads).toBe(0);
  });

  test('flush resolves at its limit if the thread does not respond', async () => {
    works = false;
    exporter.add(line('last'));
    const startMs = clock.now();
    await clock.run(exporter.flush(4_000));
    expect(clock.now() - startMs).toBe(4_000);
  });

  test('flush does not wait for a thread that has ended', async () => {
    exporter.add(line('first'));
    await clock.advance(3_000);
    works = false;
    const flushing = exporter.flush(4_000);
    owner?.onEnd(new RangeError('out of memory'));
    const startMs = clock.now();
    await flushing;
    expect(clock.now()).toBe(startMs);
    expect(warnings).toEqual(['The telemetry exporter ended']);
  });

  test('starts a new thread after the old one has ended, at the earliest a minute after its start', async () => {
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

  test('continues if a thread cannot be started', async () => {
    const startThread = () => {
      throw new RangeError('no threads here');
    };
    const other = new Exporter(clock, startThread, (message) => warnings.push(message));
    other.add(line('lost'));
    await clock.advance(10_000);
    other.add(line('lost too'));
    await clock.run(other.flush(4_000));
    expect(warnings).toEqual(['The telemetry exporter ended']);
  });

  test('continues if a message to the thread throws; only its records are lost', async () => {
    let refuses = true;
    const received: TelemetryRecord[] = [];
    const startThread = (thread: ThreadOwner) => ({
      send: (message: ExporterCommand) => {
        if (refuses) throw new RangeError('too much');
        if (message.command === 'write') received.push(...message.records);
        thread.onEvent({ event: message.command === 'write' ? 'written' : 'flushed' });
      },
    });
    const other = new Exporter(clock, startThread, (message, fields) => warnings.push(`${message}: ${fields.error}`));
    other.add(line('lost'));
    await clock.advance(3_000);
    other.add(line('lost at the end'));
    await clock.run(other.flush(4_000));
    const warning = 'Telemetry cannot be passed to the exporter thread and is lost: RangeError';
    expect(warnings).toEqual([warning, warning]);
    refuses = false;
    other.add(line('again'));
    await clock.advance(3_000);
    expect(received).toEqual([line('again')]);
  });

  test('warns once when sending fails, and once when it works again', async () => {
    exporter.add(line('first'));
    await clock.advance(3_000);
    owner?.onEvent({ event: 'sending', works: false, why: 'ECONNREFUSED' });
    owner?.onEvent({ event: 'sending', works: true, why: 'HTTP 200' });
    expect(warnings).toEqual(['Telemetry cannot be sent and is lost', 'Telemetry is sent again']);
  });
});
