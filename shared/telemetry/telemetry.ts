import type { CounterName, GaugeName, HistogramName } from './metrics.ts';
import type { Attributes, Invocation, LogFields, LogLevel, SpanIds, SpanKind } from './records.ts';

export interface SpanOptions {
  /** Default: `inner`. */
  kind?: SpanKind;
  attributes?: Attributes;
  /** W3C `traceparent` of the parent span; default: the current span. */
  parent?: string | undefined;
  /** W3C `traceparent`s of spans of other operations that this span works for. */
  links?: readonly string[];
}

/** A span that has started. */
export interface Span {
  /** W3C `traceparent`, for messages to other processes; undefined if nothing is recorded. */
  readonly traceparent: string | undefined;
  /** Adds attributes. */
  set(attributes: Attributes): void;
  /** Marks the span as failed; a failed span is always kept. */
  fail(): void;
  /** Ends the span; further calls have no effect. */
  end(): void;
}

/** Records what the app does. No method waits for I/O or throws an error of its own: `exporter.ts` sends later. */
export interface Telemetry {
  /** Adds `value` to a counter. */
  count(name: CounterName, value: number, attributes: Attributes): void;
  /** Records one value of a histogram. */
  record(name: HistogramName, value: number, attributes: Attributes): void;
  /** Records the current value of a gauge. */
  gauge(name: GaugeName, value: number, attributes: Attributes): void;
  startSpan(name: string, options?: SpanOptions): Span;
  /** Runs `work`, and everything that it awaits, with `span` as the current span. Returns the result of `work`. */
  within<T>(span: Span, work: () => T): T;
  /** Runs `work`, a part of `invocation`, with the span of another process as the current span. Returns the result of `work`. */
  withinRemote<T>(traceparent: string | undefined, work: () => T, invocation?: Invocation): T;
  /** Returns the W3C `traceparent` of the current span, if there is one. */
  current(): string | undefined;
  /** Adds attributes to the current span, if there is one, and marks it as failed if `failed` is true. */
  annotate(attributes: Attributes, failed: boolean): void;
  log(level: LogLevel, message: string, fields: LogFields | undefined): void;
}

const noSpan: Span = { traceparent: undefined, set() {}, fail() {}, end() {} };

/** Telemetry that records nothing, for an app without `APPLICATIONINSIGHTS_CONNECTION_STRING`. */
export const noTelemetry: Telemetry = {
  count() {},
  record() {},
  gauge() {},
  startSpan: () => noSpan,
  within: (_span, work) => work(),
  withinRemote: (_traceparent, work) => work(),
  current: () => undefined,
  annotate() {},
  log() {},
};

/** Runs `work` in a new span and returns its result. The span is marked as failed if `work` throws. */
export async function inSpan<T>(
  telemetry: Telemetry,
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const span = telemetry.startSpan(name, options);
  try {
    return await telemetry.within(span, () => work(span));
  } catch (error) {
    span.fail();
    throw error;
  } finally {
    span.end();
  }
}

/** Returns the ids of a W3C `traceparent`, of version 00 or a later version with the same beginning; otherwise undefined. */
export function spanIdsOf(traceparent: string | undefined): SpanIds | undefined {
  const [, traceId, spanId] = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/.exec(traceparent ?? '') ?? [];
  if (!traceId || !spanId || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId };
}

export function traceparentOf({ traceId, spanId }: SpanIds): string {
  return `00-${traceId}-${spanId}-01`;
}
