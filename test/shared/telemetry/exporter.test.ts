import { beforeEach, describe, expect, test } from '@jest/globals';
import { Exporter, type SendResult } from '../../../shared/telemetry/exporter.ts';
import type { LogRecord, MetricRecord, TelemetryItem } from '../../../shared/telemetry/records.ts';
import { FakeClock } from '../../support/fakeClock.ts';

const line = (message: string): LogRecord => ({ type: 'log', level: 'info', message, fields: {}, atMs: 0 });
const measured = (name: MetricRecord['name'], value: number, hub = 'contoso'): MetricRecord => ({
  ...{ type: 'metric', name, value },
  attributes: { hub },
});
const counted = (value: number, hub?: string) => measured('keeper.hub_calls', value, hub);

describe('Exporter', () => {
  let clock: FakeClock;
  let exporter: Exporter;
  let loads: number;
  /** What the endpoint does with a request; by default it accepts everything. */
  let respond: (items: readonly TelemetryItem[]) => SendResult | Promise<SendResult>;
  let requests: { atMs: number; items: readonly TelemetryItem[] }[];

  const accept = (): SendResult => ({ again: [], refused: 0, why: 'HTTP 200', retryAfterMs: 0 });
  const refuse = (items: readonly TelemetryItem[]): SendResult => ({ ...accept(), again: items, why: 'HTTP 503' });
  const hang = () => new Promise<SendResult>(() => {});
  const send = async (items: readonly TelemetryItem[]) => {
    requests.push({ atMs: clock.elapsedMs(), items });
    return respond(items);
  };
  const messages = () =>
    requests.flatMap(({ items }) => items).flatMap((item) => (item.type === 'log' ? item.message : []));
  const values = () => requests.flatMap(({ items }) => items).flatMap((item) => ('value' in item ? item.value : []));

  beforeEach(() => {
    clock = new FakeClock();
    [loads, requests, respond] = [0, [], accept];
    exporter = new Exporter(clock, async () => {
      loads += 1;
      return send;
    });
  });

  test('loads nothing before the first record, and then not at once', async () => {
    await clock.advance(60_000);
    exporter.add(line('first'));
    await clock.advance(1_900);
    expect(loads).toBe(0);
    await clock.advance(200);
    expect([loads, messages()]).toEqual([1, ['first']]);
  });

  test('sends lines in order, at most once a second, all of them', async () => {
    const names = Array.from({ length: 1_100 }, (_, index) => String(index));
    for (const name of names) exporter.add(line(name));
    await clock.advance(3_000);
    exporter.add(line('later'));
    await clock.advance(2_000);
    expect(messages()).toEqual([...names, 'later']);
    expect(Math.max(...requests.map(({ items }) => items.length))).toBeLessThanOrEqual(250);
  });

  test('adds up the measurements of a minute, separately for each set of attributes', async () => {
    exporter.add(counted(1));
    await clock.advance(3_000);
    for (let index = 0; index < 10_000; index++) exporter.add(counted(1, `hub-${index % 2}`));
    await clock.advance(50_000);
    expect(values()).toEqual([1]);
    await clock.advance(10_000);
    expect(values()).toEqual([1, 5_000, 5_000]);
    expect(exporter.takeWarnings()).toEqual([]);
  });

  test('sends many series in several requests, each once', async () => {
    for (let index = 0; index < 2_500; index++) exporter.add(counted(1, `hub-${index}`));
    await clock.advance(60_000);
    expect(requests.map(({ items }) => items.length)).toEqual([1_000, 1_000, 500]);
    expect(values()).toHaveLength(2_500);
  });

  test('tries again in growing pauses of at most a minute', async () => {
    respond = refuse;
    exporter.add(line('first'));
    await clock.advance(300_000);
    const times = requests.map(({ atMs }) => atMs / 1000);
    expect(times).toEqual([2, 4, 8, 16, 32, 64, 124, 184, 244]);
  });

  test('waits as long as the endpoint asks for, but no longer than five minutes', async () => {
    respond = (items) => ({ ...refuse(items), retryAfterMs: requests.length === 1 ? 90_000 : 86_400_000 });
    exporter.add(line('first'));
    await clock.advance(600_000);
    expect(requests.map(({ atMs }) => atMs / 1000)).toEqual([2, 92, 392]);
  });

  test('adds up counters and keeps the newest value of a gauge while nothing can be sent, however long', async () => {
    respond = refuse;
    for (let minute = 0; minute < 120; minute++) {
      exporter.add(counted(1));
      exporter.add(measured('keeper.pending_devices', minute));
      exporter.add(measured('keeper.run_seconds', minute));
      await clock.advance(60_000);
    }
    respond = accept;
    await clock.advance(60_000);
    const [calls, pending, seconds, ...others] = requests.at(-1)?.items ?? [];
    expect([calls, pending, others]).toMatchObject([{ value: 120 }, { value: 119 }, []]);
    expect(seconds).toMatchObject({ count: 120, value: 7_140, min: 0, max: 119 });
  });

  test('says so when lines cannot be sent for a quarter of an hour and are lost', async () => {
    respond = refuse;
    exporter.add(line('lost'));
    await clock.advance(30_000);
    expect(exporter.takeWarnings()).toEqual([]);
    await clock.advance(60_000);
    const waits = { message: 'Telemetry cannot be sent and waits', fields: { why: 'HTTP 503', waiting: 1 } };
    expect(exporter.takeWarnings()).toEqual([waits]);
    await clock.advance(16 * 60_000);
    expect(exporter.takeWarnings()).toEqual([
      { message: 'Telemetry was lost', fields: { why: 'HTTP 503', records: 1 } },
    ]);
    respond = accept;
    exporter.add(line('sent'));
    await clock.advance(70_000);
    expect([messages().at(-1), exporter.takeWarnings()]).toEqual(['sent', []]);
  });

  test('says how many records the endpoint refuses for good', async () => {
    respond = (items) => ({ ...accept(), refused: items.length, why: 'HTTP 400' });
    for (const name of ['one', 'two']) exporter.add(line(name));
    await clock.advance(3_000);
    const fields = { why: 'HTTP 400', records: 2 };
    expect(exporter.takeWarnings()).toEqual([{ message: 'Telemetry was lost', fields }]);
    expect(exporter.takeWarnings()).toEqual([]);
  });

  test('sends nothing more while the endpoint hangs, and says how many records did not fit', async () => {
    respond = hang;
    exporter.add(line('first'));
    await clock.advance(3_000);
    for (let index = 0; index < 20_000; index++) exporter.add(line('more'));
    await clock.advance(600_000);
    expect(messages()).toEqual(['first']);
    const fields = { why: 'buffer full', records: 15_000 };
    expect(exporter.takeWarnings()).toEqual([{ message: 'Telemetry was lost', fields }]);
  });

  test('limits the spans and lines of an hour', async () => {
    for (let second = 0; second < 7_200; second++) {
      for (let index = 0; index < 40; index++) exporter.add(line('busy'));
      await clock.advance(1_000);
    }
    await clock.advance(5_000);
    expect(messages()).toHaveLength(200_000);
    const fields = { why: 'hourly limit', records: 88_000 };
    expect(exporter.takeWarnings()).toEqual([{ message: 'Telemetry was lost', fields }]);
  });

  test('continues if the exporter cannot be loaded, or throws', async () => {
    const failures = [new RangeError('out of memory'), Object.assign(new Error('gone'), { code: 'MODULE_NOT_FOUND' })];
    const other = new Exporter(clock, async () => {
      const failure = failures.pop();
      if (failure) throw failure;
      return async (items) => {
        if (requests.length === 0) {
          requests.push({ atMs: 0, items: [] });
          throw new TypeError('not a span');
        }
        return send(items);
      };
    });
    other.add(line('first'));
    await clock.advance(60_000);
    expect(messages()).toEqual(['first']);
  });

  test('close sends what waits, metrics too, also if nothing is loaded yet', async () => {
    for (const name of ['one', 'two']) exporter.add(line(name));
    exporter.add(counted(3));
    await clock.run(exporter.close(4_000));
    expect([loads, messages(), values(), exporter.takeWarnings()]).toEqual([1, ['one', 'two'], [3], []]);
  });

  test('close without records loads nothing', async () => {
    await clock.run(exporter.close(4_000));
    expect(loads).toBe(0);
  });

  test('close resolves at its limit if the endpoint hangs, sends metrics all the same, and counts what is lost', async () => {
    respond = hang;
    exporter.add(line('first'));
    await clock.advance(3_000);
    exporter.add(line('last'));
    exporter.add(counted(3));
    const startMs = clock.now();
    await clock.run(exporter.close(4_000));
    expect(clock.now() - startMs).toBe(4_000);
    expect(values()).toEqual([3]);
    const fields = { why: 'process ended', records: 3 };
    expect(exporter.takeWarnings()).toEqual([{ message: 'Telemetry was lost', fields }]);
  });

  test('close tries once if the endpoint refuses, and counts what is lost', async () => {
    respond = refuse;
    for (let index = 0; index < 600; index++) exporter.add(line('last'));
    await clock.run(exporter.close(4_000));
    expect(requests).toHaveLength(1);
    const fields = { why: 'process ended', records: 600 };
    expect(exporter.takeWarnings()).toEqual([{ message: 'Telemetry was lost', fields }]);
  });
});
