import type { AzureMonitorLogExporter, AzureMonitorTraceExporter } from '@azure/monitor-opentelemetry-exporter';
import {
  type HrTime,
  type Link,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  ValueType,
} from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import type { Resource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { metrics } from './metrics.ts';
import type { Attributes, Invocation, LogRecord, MetricPoint, SpanIds, SpanRecord } from './records.ts';

// The exporter takes plain objects of these interfaces, so the tracers and meters of the SDK are not needed.

type ReadableSpan = Parameters<AzureMonitorTraceExporter['export']>[0][number];
type ReadableLogRecord = Parameters<AzureMonitorLogExporter['export']>[0][number];

const instrumentationScope = { name: 'module-keeper' };
const severities = { info: SeverityNumber.INFO, warn: SeverityNumber.WARN, error: SeverityNumber.ERROR };

export function spansOf(records: readonly SpanRecord[], resource: Resource): ReadableSpan[] {
  return records.map((record) => spanOf(record, resource));
}

export function linesOf(records: readonly LogRecord[], resource: Resource): ReadableLogRecord[] {
  return records.map((record) => lineOf(record, resource));
}

function spanOf(record: SpanRecord, resource: Resource): ReadableSpan {
  const { name, traceId, parentSpanId, startMs, endMs, failed, sampleRatePercent } = record;
  return {
    name,
    kind: record.kind === 'call' ? SpanKind.CLIENT : SpanKind.INTERNAL,
    spanContext: () => contextOf(record),
    ...(parentSpanId === undefined ? {} : { parentSpanContext: contextOf({ traceId, spanId: parentSpanId }) }),
    startTime: hrTimeOf(startMs),
    endTime: hrTimeOf(endMs),
    duration: hrTimeOf(endMs - startMs),
    ended: true,
    status: { code: failed ? SpanStatusCode.ERROR : SpanStatusCode.OK },
    attributes: {
      ...record.attributes,
      ...attributesOf(record.invocation),
      'microsoft.sample_rate': sampleRatePercent,
    },
    links: record.links.map((ids): Link => ({ context: contextOf(ids) })),
    events: [],
    resource,
    instrumentationScope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function lineOf(record: LogRecord, resource: Resource): ReadableLogRecord {
  return {
    hrTime: hrTimeOf(record.atMs),
    hrTimeObserved: hrTimeOf(record.atMs),
    ...(record.span ? { spanContext: contextOf(record.span) } : {}),
    severityNumber: severities[record.level],
    body: record.message,
    attributes: { ...record.fields, ...attributesOf(record.invocation) },
    resource,
    instrumentationScope,
    droppedAttributesCount: 0,
  };
}

export function metricsOf(points: readonly MetricPoint[], resource: Resource): ResourceMetrics {
  return { resource, scopeMetrics: [{ scope: instrumentationScope, metrics: points.map(metricOf) }] };
}

function metricOf({ name, attributes, value, count, min, max }: MetricPoint): MetricData {
  const { kind, unit, description } = metrics[name];
  const descriptor = { name, unit, description, valueType: ValueType.DOUBLE };
  const common = { descriptor, aggregationTemporality: AggregationTemporality.DELTA };
  // The exporter replaces these times by the time of sending.
  const point = { startTime: hrTimeOf(0), endTime: hrTimeOf(0), attributes: { ...attributes } };
  if (kind === 'histogram') {
    const histogram = { buckets: { boundaries: [], counts: [count] }, sum: value, count, min, max };
    return { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints: [{ ...point, value: histogram }] };
  }
  const dataPoints = [{ ...point, value }];
  if (kind === 'gauge') return { ...common, dataPointType: DataPointType.GAUGE, dataPoints };
  return { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
}

/** Converts milliseconds to OpenTelemetry's time: whole seconds, and the rest in nanoseconds. */
function hrTimeOf(ms: number): HrTime {
  return [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)];
}

function contextOf({ traceId, spanId }: SpanIds): SpanContext {
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
}

/** The exporter turns the first attribute into the operation name. The Functions host uses the second name for its own telemetry. */
function attributesOf(invocation: Invocation | undefined): Attributes {
  if (!invocation) return {};
  return { 'ai.operation.name': invocation.functionName, 'faas.invocation_id': invocation.invocationId };
}
