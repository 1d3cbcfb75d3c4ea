import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../clock.ts';
import { AdaptiveSampler } from './adaptiveSampler.ts';
import type { MetricName } from './metrics.ts';
import type {
  Attributes,
  Invocation,
  LogFields,
  LogLevel,
  LogRecord,
  RecordSink,
  SpanIds,
  SpanRecord,
} from './records.ts';
import { type Span, type SpanOptions, spanIdsOf, type Telemetry, traceparentOf } from './telemetry.ts';
import { TelemetryUnit } from './telemetryUnit.ts';

/** The span and invocation that the running code belongs to. */
interface Current {
  /** The ids of the current span, which may belong to another process. */
  ids?: SpanIds;
  /** Undefined if the current span belongs to another process. */
  span?: RecordedSpan;
  invocation?: Invocation | undefined;
}

/**
 * Records what the app does and passes it to `sink`. A span and the records within it wait until the span has ended or one of its
 * parts has failed: only then is it known whether they are kept (all after a failure, otherwise as `AdaptiveSampler` decides).
 */
export class RecordingTelemetry implements Telemetry {
  private readonly clock: Clock;
  private readonly randomHex: (bytes: number) => string;
  private readonly sink: RecordSink;
  private readonly isRoutine: (record: LogRecord) => boolean;
  private readonly currentSpan = new AsyncLocalStorage<Current>();
  private readonly operations: AdaptiveSampler;
  private readonly calls: AdaptiveSampler;

  /**
   * `randomHex` returns random bytes as hexadecimal digits, for trace ids and span ids. `isRoutine` returns whether a log
   * line may be sampled; every other line is kept.
   */
  constructor(
    clock: Clock,
    randomHex: (bytes: number) => string,
    sink: RecordSink,
    isRoutine: (record: LogRecord) => boolean,
  ) {
    this.clock = clock;
    this.randomHex = randomHex;
    this.sink = sink;
    this.isRoutine = isRoutine;
    this.operations = new AdaptiveSampler(clock);
    this.calls = new AdaptiveSampler(clock);
  }

  count(name: MetricName, value: number, attributes: Attributes): void {
    this.sink.add({ type: 'metric', name, value, attributes });
  }

  record(name: MetricName, value: number, attributes: Attributes): void {
    this.count(name, value, attributes);
  }

  gauge(name: MetricName, value: number, attributes: Attributes): void {
    this.count(name, value, attributes);
  }

  startSpan(name: string, options: SpanOptions = {}): Span {
    const { clock } = this;
    const current = this.currentSpan.getStore();
    const parent = spanIdsOf(options.parent) ?? current?.ids;
    const ids = { traceId: parent?.traceId ?? this.randomHex(16), spanId: this.randomHex(8) };
    const isOwnUnit = options.parent !== undefined || current?.span === undefined;
    const kind = options.kind ?? 'inner';
    const record: SpanRecord = {
      type: 'span',
      name,
      kind,
      ...ids,
      ...(parent ? { parentSpanId: parent.spanId } : {}),
      startMs: clock.now(),
      endMs: clock.now(),
      failed: false,
      attributes: options.attributes ?? {},
      links: (options.links ?? []).map(spanIdsOf).filter((link) => link !== undefined),
      sampleRatePercent: 100,
      ...(current?.invocation ? { invocation: current.invocation } : {}),
    };
    const unit = isOwnUnit || !current?.span ? this.newUnit(record) : current.span.unit;
    return new RecordedSpan(record, unit, clock);
  }

  within<T>(span: Span, work: () => T): T {
    if (!(span instanceof RecordedSpan)) return work();
    return this.currentSpan.run({ ids: span.ids, span, invocation: this.currentSpan.getStore()?.invocation }, work);
  }

  withinRemote<T>(traceparent: string | undefined, work: () => T, invocation?: Invocation): T {
    const ids = spanIdsOf(traceparent);
    return this.currentSpan.run({ ...(ids ? { ids } : {}), invocation }, work);
  }

  current(): string | undefined {
    const ids = this.currentSpan.getStore()?.ids;
    return ids && traceparentOf(ids);
  }

  annotate(attributes: Attributes, failed: boolean): void {
    const span = this.currentSpan.getStore()?.span;
    span?.set(attributes);
    if (failed) span?.fail();
  }

  log(level: LogLevel, message: string, fields: LogFields | undefined): void {
    const current = this.currentSpan.getStore();
    const record: LogRecord = {
      type: 'log',
      level,
      message,
      fields: definedOf(fields ?? {}),
      atMs: this.clock.now(),
      ...(current?.ids ? { span: current.ids } : {}),
      ...(current?.invocation ? { invocation: current.invocation } : {}),
    };
    if (!this.isRoutine(record)) this.sink.add(record);
    else if (current?.span) current.span.unit.add(record);
    else if (this.operations.sample(current?.ids?.traceId ?? this.randomHex(16)) !== undefined) this.sink.add(record);
  }

  /** A call that is a unit of its own, such as one of a long sweep, is sampled by its span id; other units by their trace id. */
  private newUnit(root: SpanRecord): TelemetryUnit {
    const sample =
      root.kind === 'call' ? () => this.calls.sample(root.spanId) : () => this.operations.sample(root.traceId);
    return new TelemetryUnit(root, sample, this.sink);
  }
}

class RecordedSpan implements Span {
  readonly unit: TelemetryUnit;
  private readonly record: SpanRecord;
  private readonly clock: Clock;
  private ended = false;

  constructor(record: SpanRecord, unit: TelemetryUnit, clock: Clock) {
    this.record = record;
    this.unit = unit;
    this.clock = clock;
  }

  get ids(): SpanIds {
    return { traceId: this.record.traceId, spanId: this.record.spanId };
  }

  get traceparent(): string {
    return traceparentOf(this.record);
  }

  set(attributes: Attributes): void {
    this.record.attributes = { ...this.record.attributes, ...attributes };
  }

  fail(): void {
    this.record.failed = true;
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.record.endMs = this.clock.now();
    this.unit.add(this.record);
  }
}

function definedOf(fields: LogFields): Attributes {
  const defined: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined && value !== null) defined[name] = value;
  }
  return defined;
}
