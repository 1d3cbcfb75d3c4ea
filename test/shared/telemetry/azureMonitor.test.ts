import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { azureMonitor } from '../../../shared/telemetry/azureMonitor.ts';
import { Exporter, type SendItems } from '../../../shared/telemetry/exporter.ts';
import type { LogRecord, MetricPoint, SpanRecord, TelemetryItem } from '../../../shared/telemetry/records.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { type Envelope, IngestionStub } from '../../support/ingestionStub.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const invocation = { functionName: 'hubWork', invocationId: '3e7d8f1c-0000-4000-8000-000000000001' };
const span = (spanId: string): SpanRecord => ({
  type: 'span',
  name: 'create module',
  kind: 'call',
  traceId,
  spanId,
  parentSpanId: '00f067aa0ba902b7',
  startMs: Date.parse('2026-11-23T02:00:00.000Z'),
  endMs: Date.parse('2026-11-23T02:00:01.250Z'),
  failed: true,
  attributes: { hub: 'contoso', 'http.request.method': 'PUT', 'http.response.status_code': 429 },
  links: [{ traceId: 'e'.repeat(32), spanId: 'f'.repeat(16) }],
  sampleRatePercent: 100,
  invocation,
});
const line: LogRecord = {
  type: 'log',
  level: 'warn',
  message: 'Run ended',
  fields: { hub: 'contoso', failed: 3 },
  atMs: Date.parse('2026-11-23T02:00:02.000Z'),
  span: { traceId, spanId: '00f067aa0ba902b7' },
  invocation,
};
const point = (name: MetricPoint['name'], rest: object): MetricPoint => ({
  ...{ type: 'metric', name, attributes: { hub: 'contoso' }, value: 1, count: 1, min: 1, max: 1 },
  ...rest,
});
const item = ({ data }: Envelope) => data.baseData;

describe('azureMonitor', () => {
  const known = getCACertificates();

  // The exporter would ask Microsoft for remote flags 5 to 15 s after its start.
  const real = [
    'Date',
    'hrtime',
    'nextTick',
    'performance',
    'queueMicrotask',
    'setImmediate',
    'clearImmediate',
  ] as const;
  beforeAll(() => {
    jest.useFakeTimers({ doNotFake: [...real] });
  });
  afterAll(() => {
    jest.useRealTimers();
  });
  let stub: IngestionStub;
  let send: SendItems;

  beforeEach(async () => {
    stub = await IngestionStub.start();
    process.env.WEBSITE_SITE_NAME = 'keeper-app';
    setDefaultCACertificates([...known, stub.certificate.certificate]);
    send = azureMonitor(stub.connectionString, undefined, process.env);
  });
  afterEach(async () => {
    setDefaultCACertificates(known);
    await stub.close();
  });

  test('sends spans, lines and metrics with our ids, times, operation name and invocation id', async () => {
    const points = [
      point('keeper.outcomes', { value: 7, count: 7 }),
      point('keeper.coverage', { value: 0.5 }),
      point('keeper.run_seconds', { value: 30, count: 2, min: 10, max: 20 }),
    ];
    const { again, refused } = await send([span('a'.repeat(16)), line, ...points]);
    expect([again, refused]).toEqual([[], 0]);
    const [dependency, ...others] = stub.ofType('RemoteDependencyData');
    expect(others).toEqual([]);
    const operation = { 'ai.operation.id': traceId, 'ai.operation.parentId': '00f067aa0ba902b7' };
    const tags = { ...operation, 'ai.operation.name': 'hubWork', 'ai.cloud.role': 'keeper-app' };
    expect(dependency).toMatchObject({ time: '2026-11-23T02:00:00.000Z', tags, sampleRate: 100 });
    expect(dependency && item(dependency)).toMatchObject({
      id: 'a'.repeat(16),
      name: 'create module',
      type: 'Http',
      resultCode: '429',
      success: false,
      duration: '00:00:01.250',
      properties: {
        hub: 'contoso',
        'faas.invocation_id': invocation.invocationId,
        '_MS.links': JSON.stringify([{ operation_Id: 'e'.repeat(32), id: 'f'.repeat(16) }]),
      },
    });
    const [message] = stub.ofType('MessageData');
    expect(message).toMatchObject({ time: '2026-11-23T02:00:02.000Z', tags });
    expect(message && item(message)).toMatchObject({
      message: 'Run ended',
      severityLevel: 'Warning',
      properties: { hub: 'contoso', failed: '3', 'faas.invocation_id': invocation.invocationId },
    });
    expect(stub.metric('keeper.outcomes')).toMatchObject([{ value: 7, hub: 'contoso' }]);
    expect(stub.metric('keeper.coverage')).toMatchObject([{ value: 0.5 }]);
    expect(stub.metric('keeper.run_seconds')).toMatchObject([{ value: 30, count: 2, min: 10, max: 20 }]);
    expect(stub.envelopes).toHaveLength(5);
  });

  const items: TelemetryItem[] = [span('a'.repeat(16)), span('b'.repeat(16)), line, point('keeper.outcomes', {})];

  test.each([401, 403, 408, 429, 439, 500, 502, 503, 504])('returns everything after %i', async (status) => {
    stub.mode = () => ({ status, headers: { 'retry-after': '30' } });
    expect(await send(items)).toEqual({ again: items, refused: 0, why: `HTTP ${status}`, retryAfterMs: 30_000 });
  });

  test.each([400, 402, 404, 413])('counts everything as refused after %i', async (status) => {
    stub.mode = () => ({ status });
    expect(await send(items)).toMatchObject({ again: [], refused: 4, why: `HTTP ${status}` });
  });

  test('returns of a response 206 only the items that may be accepted later', async () => {
    const errors = [
      { index: 0, statusCode: 400, message: 'too long' },
      { index: 1, statusCode: 503, message: 'later' },
    ];
    stub.mode = (received) =>
      received.length === 2
        ? { status: 206, body: { itemsReceived: 2, itemsAccepted: 0, errors } }
        : { status: 200, body: { itemsReceived: 1, itemsAccepted: 1, errors: [] } };
    expect(await send(items)).toMatchObject({ again: [items[1]], refused: 1, why: 'HTTP 206 with 400' });
  });

  test('sends the other items once if the libraries cannot send some', async () => {
    const broken = { ...span('c'.repeat(16)), links: undefined } as unknown as SpanRecord;
    expect(await send([broken, line])).toMatchObject({ again: [broken], refused: 0, why: 'TypeError' });
    expect(stub.envelopes).toHaveLength(1);
  });

  test('returns everything if no response comes', async () => {
    await stub.close();
    expect(await send(items)).toMatchObject({ again: items, refused: 0, why: 'ECONNREFUSED' });
  });

  test('returns everything if there is no token', async () => {
    const noToken = Object.assign(new Error('no identity'), { name: 'CredentialUnavailableError' });
    send = azureMonitor(stub.connectionString, () => Promise.reject(noToken), process.env);
    expect(await send(items)).toMatchObject({ again: items, why: 'CredentialUnavailableError' });
    expect(stub.requests).toEqual([]);
  });

  test('loses nothing that an alert needs while the endpoint answers 503 for five minutes', async () => {
    const clock = new FakeClock();
    let sending: Promise<unknown> = Promise.resolve();
    const exporter = new Exporter(clock, async () => (sent) => {
      const result = send(sent);
      sending = result;
      return result;
    });
    const second = async () => {
      await clock.advance(1_000);
      await sending;
    };
    stub.mode = 'refuses';
    const warnings: string[] = [];
    for (let at = 0; at < 300; at++) {
      exporter.add({ type: 'metric', name: 'keeper.outcomes', value: 1, attributes: { hub: 'contoso' } });
      if (at % 60 === 0) {
        exporter.add({ type: 'metric', name: 'keeper.pending_devices', value: at, attributes: { hub: 'contoso' } });
        exporter.add({ type: 'metric', name: 'keeper.run_seconds', value: at, attributes: { hub: 'contoso' } });
        exporter.add(span(String(at).padStart(16, 'a')));
        exporter.add({ ...line, level: 'error', fields: { at } });
      }
      await second();
      warnings.push(...exporter.takeWarnings().map(({ message }) => message));
    }
    expect(stub.envelopes).toEqual([]);
    expect(stub.requests.length).toBeGreaterThan(10);
    stub.mode = 'accepts';
    for (let at = 0; at < 70; at++) await second();
    expect(stub.metric('keeper.outcomes').reduce((sum, { value }) => sum + value, 0)).toBe(300);
    expect(stub.metric('keeper.pending_devices').at(-1)).toMatchObject({ value: 240, hub: 'contoso' });
    expect(stub.metric('keeper.run_seconds')).toMatchObject([{ count: 5, value: 600, min: 0, max: 240 }]);
    expect(stub.ofType('RemoteDependencyData').map((one) => item(one).id?.replace(/^a+/, ''))).toEqual([
      '0',
      '60',
      '120',
      '180',
      '240',
    ]);
    expect(stub.ofType('MessageData').map((one) => item(one).properties?.at)).toEqual(['0', '60', '120', '180', '240']);
    expect(warnings).toEqual(['Telemetry cannot be sent and waits']);
    expect(exporter.takeWarnings()).toEqual([]);
  });
});
