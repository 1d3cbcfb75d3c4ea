import type { MetricName } from './metrics.ts';

/** The attributes of a record; never a key, a token or a connection string. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** The fields of a log line; never a key, a token or a connection string. */
export type LogFields = Record<string, string | number | boolean | null | undefined>;

/** The ids of a span in W3C Trace Context, as hexadecimal digits. */
export interface SpanIds {
  /** 32 digits. */
  traceId: string;
  /** 16 digits. */
  spanId: string;
}

/** The invocation of a function in which something was recorded. */
export interface Invocation {
  functionName: string;
  invocationId: string;
}

/** A span that has ended. Times are milliseconds since 1970-01-01T00:00Z. */
export interface SpanRecord extends SpanIds {
  type: 'span';
  name: string;
  kind: SpanKind;
  parentSpanId?: string;
  startMs: number;
  endMs: number;
  failed: boolean;
  attributes: Attributes;
  /** Spans of other operations that this span worked for. */
  links: readonly SpanIds[];
  /** Percentage of spans like this one that are kept. Application Insights estimates the total from it. */
  sampleRatePercent: number;
  invocation?: Invocation;
}

/** `call`: a request to another process. `inner`: work in this process. */
export type SpanKind = 'call' | 'inner';

export type LogLevel = 'info' | 'warn' | 'error';

export interface LogRecord {
  type: 'log';
  level: LogLevel;
  message: string;
  fields: Attributes;
  /** Milliseconds since 1970-01-01T00:00Z. */
  atMs: number;
  /** The span that was current when the line was logged, if there was one. */
  span?: SpanIds;
  invocation?: Invocation;
}

/** One measurement. */
export interface MetricRecord {
  type: 'metric';
  name: MetricName;
  value: number;
  attributes: Attributes;
}

/** The added-up measurements of one series. `value` is their sum; for a gauge, the last measurement. */
export interface MetricPoint extends MetricRecord {
  count: number;
  min: number;
  max: number;
}

/** A record that is sent as it is. Measurements are added up in points instead. */
export type EventRecord = SpanRecord | LogRecord;

export type TelemetryRecord = EventRecord | MetricRecord;

/** An item that is sent to Application Insights. */
export type TelemetryItem = EventRecord | MetricPoint;

/** A destination of records. `add` does not wait and never throws. */
export interface RecordSink {
  add(record: TelemetryRecord): void;
}
