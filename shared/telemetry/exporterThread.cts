/*
 * The program of the exporter thread, and the only file that uses OpenTelemetry and `applicationinsights`. To load them
 * takes longer than to handle an event, and in a thread they cannot delay the app. CommonJS with `require`, because these
 * packages are CommonJS: with `import` a second copy of each would be bundled.
 *
 * No file imports this one, so its top-level variables are the state of one thread.
 */
import type { Attributes, Context, Counter, Gauge, Histogram } from '@opentelemetry/api';
import type { ExporterCommand, ExporterEvent, ExporterSettings } from './exporterMessages.ts';
import type { LogRecord, MetricRecord, SpanIds, SpanRecord } from './records.ts';

const { parentPort, workerData }: typeof import('node:worker_threads') = require('node:worker_threads');
const { useAzureMonitor }: typeof import('applicationinsights') = require('applicationinsights');
const { metrics, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace }: typeof import('@opentelemetry/api') =
  require('@opentelemetry/api');
const { logs, SeverityNumber }: typeof import('@opentelemetry/api-logs') = require('@opentelemetry/api-logs');

/** Limit of one request to the ingestion endpoint. What it sends is then lost; to wait longer would delay the next records. */
const requestLimitMs = 10_000;
/**
 * Number of records that the libraries get before a flush. Their queues have room for 2,048 spans and 2,048 log lines and
 * drop further ones silently. At 512 a queue starts to send by itself, and a flush does not wait for that.
 */
const maxBeforeFlush = 500;
const scope = 'module-keeper';

const { connectionString, instruments, withToken } = workerData as ExporterSettings;
const emit = (event: ExporterEvent) => parentPort?.postMessage(event);

let tokenRequests = 0;
const tokenWaiters = new Map<number, (token: { token: string; expiresOnTimestamp: number } | null) => void>();
const credential = {
  getToken: (scopes: string | string[]) => {
    tokenRequests += 1;
    const id = tokenRequests;
    emit({ event: 'wantsToken', id, scopes });
    return new Promise<{ token: string; expiresOnTimestamp: number } | null>((resolve) =>
      tokenWaiters.set(id, resolve),
    );
  },
};

let works = true;
function noteSending(nowWorks: boolean, why: string): void {
  if (nowWorks === works) return;
  works = nowWorks;
  emit({ event: 'sending', works, why });
}

/** A policy of the HTTP pipeline: limits the time of each request, and emits `sending` when the result changes. */
const watchRequests = {
  name: 'keeperWatchRequests',
  async sendRequest(
    request: { timeout: number },
    next: (request: { timeout: number }) => Promise<{ status: number }>,
  ): Promise<{ status: number }> {
    request.timeout = requestLimitMs;
    try {
      const response = await next(request);
      noteSending(response.status < 400, `HTTP ${response.status}`);
      return response;
    } catch (error) {
      const { code, name } = error as { code?: string; name?: string };
      noteSending(false, code ?? name ?? 'error');
      throw error;
    }
  },
};

useAzureMonitor({
  azureMonitorExporterOptions: {
    connectionString,
    // Records that cannot be sent are lost, so that neither a disk nor a queue of retries fills up.
    disableOfflineStorage: true,
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [{ position: 'perCall', policy: watchRequests as never }],
    ...(withToken ? { credential } : {}),
  },
  // Records are sampled before they come here (`AdaptiveSampler`).
  samplingRatio: 1,
  tracesPerSecond: 0,
  enableLiveMetrics: false,
  enableStandardMetrics: false,
  enablePerformanceCounters: false,
  enableAutoCollectExceptions: false,
  enableAutoCollectPerformance: false,
  instrumentationOptions: {
    http: { enabled: false },
    azureSdk: { enabled: false },
    mongoDb: { enabled: false },
    mySql: { enabled: false },
    postgreSql: { enabled: false },
    redis: { enabled: false },
    redis4: { enabled: false },
    bunyan: { enabled: false },
    winston: { enabled: false },
    console: { enabled: false },
  },
});

const tracer = trace.getTracer(scope);
const logger = logs.getLogger(scope);
const meter = metrics.getMeter(scope);
const severities = { info: SeverityNumber.INFO, warn: SeverityNumber.WARN, error: SeverityNumber.ERROR };
const spanContextOf = (ids: SpanIds) => ({ ...ids, traceFlags: 1, isRemote: true });
const contextOf = (ids: SpanIds): Context => trace.setSpanContext(ROOT_CONTEXT, spanContextOf(ids));

function writeSpan(record: SpanRecord): void {
  const { traceId, spanId, parentSpanId, sampleRatePercent } = record;
  const parent = parentSpanId === undefined ? ROOT_CONTEXT : contextOf({ traceId, spanId: parentSpanId });
  const options = {
    kind: record.kind === 'call' ? SpanKind.CLIENT : SpanKind.INTERNAL,
    startTime: record.startMs,
    attributes: { ...record.attributes },
    links: record.links.map((ids) => ({ context: spanContextOf(ids) })),
  };
  const span = tracer.startSpan(record.name, options, parent);
  // The SDK generates its own ids. Messages already contain ours, and their spans must be children of this one.
  Object.assign(span.spanContext(), { traceId, spanId });
  span.setAttribute('microsoft.sample_rate', sampleRatePercent);
  span.setStatus({ code: record.failed ? SpanStatusCode.ERROR : SpanStatusCode.OK });
  span.end(record.endMs);
}

function writeLog({ level, message, fields, atMs, span }: LogRecord): void {
  logger.emit({
    timestamp: atMs,
    severityNumber: severities[level],
    body: message,
    attributes: { ...fields },
    context: span ? contextOf(span) : ROOT_CONTEXT,
  });
}

type Write = (value: number, attributes: Attributes) => void;
const writers = new Map<string, Write>();

function writerOf(name: MetricRecord['name']): Write {
  const known = writers.get(name);
  if (known) return known;
  const { kind, unit, description } = instruments[name];
  const options = { unit, description };
  const instrument: Counter | Gauge | Histogram =
    kind === 'counter'
      ? meter.createCounter(name, options)
      : kind === 'gauge'
        ? meter.createGauge(name, options)
        : meter.createHistogram(name, options);
  const write: Write = (value, attributes) =>
    'add' in instrument ? instrument.add(value, attributes) : instrument.record(value, attributes);
  writers.set(name, write);
  return write;
}

interface Flushes {
  forceFlush(): Promise<void>;
}

const tracers = trace.getTracerProvider() as unknown as { getDelegate(): Flushes };
const lines = logs.getLoggerProvider() as unknown as Flushes;
const measurements = metrics.getMeterProvider() as unknown as Flushes;

/** Resolves when all records are sent or lost. */
async function write(records: readonly (SpanRecord | LogRecord)[]): Promise<void> {
  for (let from = 0; from < records.length; from += maxBeforeFlush) {
    for (const record of records.slice(from, from + maxBeforeFlush)) {
      if (record.type === 'span') writeSpan(record);
      else writeLog(record);
    }
    await Promise.allSettled([tracers.getDelegate().forceFlush(), lines.forceFlush()]);
  }
}

/** Resolves when all spans and log lines received so far are sent or lost; writes run one after the other. */
let allSent: Promise<unknown> = Promise.resolve();

parentPort?.on('message', (message: ExporterCommand) => {
  if (message.command === 'useToken') {
    tokenWaiters.get(message.id)?.(message.token ?? null);
    tokenWaiters.delete(message.id);
  } else if (message.command === 'flush') {
    // Not `flushAzureMonitor`: it sends spans, logs and metrics one after the other, and stops at the first failure. There
    // are few metrics, so they are sent at once.
    const metricsSent = Promise.allSettled([measurements.forceFlush()]);
    allSent = Promise.all([allSent, metricsSent]).then(() => emit({ event: 'flushed' }));
  } else {
    for (const record of message.records) {
      if (record.type === 'metric') writerOf(record.name)(record.value, { ...record.attributes });
    }
    const others = message.records.filter((record) => record.type !== 'metric');
    allSent = allSent.then(() => write(others)).then(() => emit({ event: 'written' }));
  }
});
