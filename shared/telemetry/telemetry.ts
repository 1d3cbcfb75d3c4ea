import type { LogFields } from './log.ts';
import type { CounterName, GaugeName, HistogramName } from './metrics.ts';
import type { Attributes, LogLevel, SpanIds, SpanKind } from './records.ts';

export interface SpanOptions {
  kind?: SpanKind;
  attributes?: Attributes;
  /** W3C `traceparent` of what it belongs under; else it belongs under the span that is current where it is started. */
  parent?: string | undefined;
  /** `traceparent`s of other operations that it works for. */
  links?: readonly string[];
}

/** A piece of work under way. */
export interface Span {
  /** For messages to others, so that their work belongs to the same operation; undefined where nothing is told. */
  readonly traceparent: string | undefined;
  /** Adds attributes. */
  set(attributes: Attributes): void;
  /** Marks the work as failed: such work is always kept, whatever is sampled. */
  fail(): void;
  /** The work has ended; further ends are ignored. */
  end(): void;
}

/**
 * What the app tells of its work. Nothing here waits, throws, or does more than note something down: sending is the
 * matter of others (`exporter.ts`).
 */
export interface Telemetry {
  /** Adds to a sum. */
  count(name: CounterName, value: number, attributes: Attributes): void;
  /** Notes one value of many. */
  record(name: HistogramName, value: number, attributes: Attributes): void;
  /** Notes how much of something there is at this moment. */
  gauge(name: GaugeName, value: number, attributes: Attributes): void;
  startSpan(name: string, options?: SpanOptions): Span;
  /** Runs `work` with this span as the current one, across everything that it awaits. */
  within<T>(span: Span, work: () => T): T;
  /** Runs `work` as part of an operation that another process has begun. */
  withinRemote<T>(traceparent: string | undefined, work: () => T): T;
  /** `traceparent` of the current span, or undefined. */
  current(): string | undefined;
  /** Adds attributes to the current span, if there is one, and marks it as failed if `failed`. */
  annotate(attributes: Attributes, failed: boolean): void;
  log(level: LogLevel, message: string, fields: LogFields | undefined): void;
}

const noSpan: Span = { traceparent: undefined, set() {}, fail() {}, end() {} };

/** For an app without `APPLICATIONINSIGHTS_CONNECTION_STRING`. */
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

/** Runs `work` as a span, which fails if `work` throws. */
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

/** Ids of a W3C `traceparent` (version 00 and later ones, which begin the same way); undefined for anything else. */
export function spanIdsOf(traceparent: string | undefined): SpanIds | undefined {
  const [, traceId, spanId] = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/.exec(traceparent ?? '') ?? [];
  if (!traceId || !spanId || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId };
}

export function traceparentOf({ traceId, spanId }: SpanIds): string {
  return `00-${traceId}-${spanId}-01`;
}
