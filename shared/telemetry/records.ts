import type { MetricName } from './metrics.ts';

/** Facts beside a record; never a key, a token or a connection string. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Names one span of one operation, as in W3C Trace Context: 32 and 16 hexadecimal digits. */
export interface SpanIds {
  traceId: string;
  spanId: string;
}

/** A piece of work that has ended. Times are milliseconds since 1970-01-01T00:00Z. */
export interface SpanRecord extends SpanIds {
  type: 'span';
  name: string;
  kind: SpanKind;
  parentSpanId?: string;
  startMs: number;
  endMs: number;
  failed: boolean;
  attributes: Attributes;
  /** Operations that this span worked for beside its own. */
  links: readonly SpanIds[];
  /** Of how many like it this one is kept, in percent. */
  sampleRatePercent: number;
}

/** `call` leaves the process, `inner` does not. */
export type SpanKind = 'call' | 'inner';

export type LogLevel = 'info' | 'warn' | 'error';

export interface LogRecord {
  type: 'log';
  level: LogLevel;
  message: string;
  fields: Attributes;
  atMs: number;
  /** The span during which it was written, if there was one. */
  span?: SpanIds;
}

/** A measurement; those of a counter are summed up while they wait. */
export interface MetricRecord {
  type: 'metric';
  name: MetricName;
  value: number;
  attributes: Attributes;
}

export type TelemetryRecord = SpanRecord | LogRecord | MetricRecord;

/** Where records go. Takes every record at once and never throws. */
export interface RecordSink {
  add(record: TelemetryRecord): void;
}
