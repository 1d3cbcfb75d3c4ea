/*
 * Runs in a thread of its own, and is the only file that knows OpenTelemetry and `applicationinsights`: loading them takes
 * longer than a whole event, and nothing that happens in here can hold up the work. CommonJS with `require`, since those
 * packages are CommonJS: imported, a second copy of each would be bundled.
 *
 * This is the thread's whole program and no module: nobody imports it, and what stands below at the top level is the state
 * of one thread, which begins and ends with it.
 */
import type { Attributes, Context, Counter, Gauge, Histogram } from '@opentelemetry/api';
import type { ExporterNews, ExporterOrder, ExporterSettings } from './exporterMessages.ts';
import type { LogRecord, MetricRecord, SpanIds, SpanRecord } from './records.ts';

const { parentPort, workerData }: typeof import('node:worker_threads') = require('node:worker_threads');
const { useAzureMonitor }: typeof import('applicationinsights') = require('applicationinsights');
const { metrics, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace }: typeof import('@opentelemetry/api') =
  require('@opentelemetry/api');
const { logs, SeverityNumber }: typeof import('@opentelemetry/api-logs') = require('@opentelemetry/api-logs');

/** An ingestion endpoint that has not answered by then has lost what was sent; more would only pile up behind it. */
const requestLimitMs = 10_000;
/**
 * So many records are given to the libraries at once. Their queues take 2,048 spans and 2,048 lines, and drop more without a
 * word. They begin to send by themselves at 512, and no flush waits for what a span queue sends by itself.
 */
const mostAtOnce = 500;
const scope = 'module-keeper';

const { connectionString, instruments, withToken } = workerData as ExporterSettings;
const tell = (news: ExporterNews) => parentPort?.postMessage(news);

let tokensAsked = 0;
const tokenWaiters = new Map<number, (token: { token: string; expiresOnTimestamp: number } | null) => void>();
const credential = {
  getToken: (scopes: string | string[]) => {
    tokensAsked += 1;
    const id = tokensAsked;
    tell({ news: 'wantsToken', id, scopes });
    return new Promise<{ token: string; expiresOnTimestamp: number } | null>((resolve) =>
      tokenWaiters.set(id, resolve),
    );
  },
};

let works = true;
function noteSending(nowWorks: boolean, why: string): void {
  if (nowWorks === works) return;
  works = nowWorks;
  tell({ news: 'sending', works, why });
}

/** Bounds each request, and sees what comes of it. */
const watchRequests = {
  name: 'keeperWatchRequests',
  async sendRequest(
    request: { timeout: number },
    next: (request: { timeout: number }) => Promise<{ status: number }>,
  ): Promise<{ status: number }> {
    request.timeout = requestLimitMs;
    try {
      const answer = await next(request);
      noteSending(answer.status < 400, `HTTP ${answer.status}`);
      return answer;
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
    // What cannot be sent is lost: neither a disk nor a queue of retries fills up because of it.
    disableOfflineStorage: true,
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [{ position: 'perCall', policy: watchRequests as never }],
    ...(withToken ? { credential } : {}),
  },
  // Chosen before a record comes here (`AdaptiveSampler`).
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
  // The SDK draws ids of its own; ours have gone out in messages already, and what came of those belongs under them.
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

/** Ends when the endpoint has taken all of it, or it is lost. */
async function write(records: readonly (SpanRecord | LogRecord)[]): Promise<void> {
  for (let from = 0; from < records.length; from += mostAtOnce) {
    for (const record of records.slice(from, from + mostAtOnce)) {
      if (record.type === 'span') writeSpan(record);
      else writeLog(record);
    }
    await Promise.allSettled([tracers.getDelegate().forceFlush(), lines.forceFlush()]);
  }
}

/** Settles when all spans and lines that have come are out: one write waits for the other. */
let allOut: Promise<unknown> = Promise.resolve();

parentPort?.on('message', (order: ExporterOrder) => {
  if (order.order === 'useToken') {
    tokenWaiters.get(order.id)?.(order.token ?? null);
    tokenWaiters.delete(order.id);
  } else if (order.order === 'flush') {
    // `flushAzureMonitor` sends one kind after the other, and no more once one fails. Metrics are few, and wait for nobody.
    const metricsOut = Promise.allSettled([measurements.forceFlush()]);
    allOut = Promise.all([allOut, metricsOut]).then(() => tell({ news: 'flushed' }));
  } else {
    for (const record of order.records) {
      if (record.type === 'metric') writerOf(record.name)(record.value, { ...record.attributes });
    }
    const others = order.records.filter((record) => record.type !== 'metric');
    allOut = allOut.then(() => write(others)).then(() => tell({ news: 'written' }));
  }
});
