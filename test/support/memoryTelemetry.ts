import type { Clock } from '../../shared/clock.ts';
import { isRoutineLine } from '../../shared/reconcile/recordOutcomes.ts';
import { type MetricName, metrics } from '../../shared/telemetry/metrics.ts';
import { RecordingTelemetry } from '../../shared/telemetry/recordingTelemetry.ts';
import type { LogRecord, RecordSink, SpanRecord, TelemetryRecord } from '../../shared/telemetry/records.ts';

/** Keeps the records of the real `RecordingTelemetry`. Ids are consecutive. */
export class MemoryTelemetry implements RecordSink {
  readonly records: TelemetryRecord[] = [];
  readonly telemetry: RecordingTelemetry;
  private serial = 0;

  constructor(clock: Clock) {
    const randomHex = (bytes: number) => {
      this.serial += 1;
      return this.serial.toString(16).padStart(bytes * 2, '0');
    };
    this.telemetry = new RecordingTelemetry(clock, randomHex, this, isRoutineLine);
  }

  add(record: TelemetryRecord): void {
    if (record.type === 'metric') {
      const known: readonly string[] = metrics[record.name].attributes;
      const unknown = Object.keys(record.attributes).filter((attribute) => !known.includes(attribute));
      if (unknown.length > 0) throw new TypeError(`${record.name} has no attribute ${unknown.join(', ')}`);
    }
    this.records.push(record);
  }

  spans(name?: string): SpanRecord[] {
    return this.records.filter(
      (record): record is SpanRecord => record.type === 'span' && (name === undefined || record.name === name),
    );
  }

  logs(): LogRecord[] {
    return this.records.filter((record) => record.type === 'log');
  }

  /** Returns the measurements of one metric, each with its attributes. */
  metric(name: MetricName): Record<string, unknown>[] {
    return this.records.flatMap((record) =>
      record.type === 'metric' && record.name === name ? [{ value: record.value, ...record.attributes }] : [],
    );
  }

  /** Returns the sum of a counter over the measurements whose attributes have these values. */
  sum(name: MetricName, where: Record<string, unknown> = {}): number {
    return this.metric(name)
      .filter((metric) => Object.entries(where).every(([attribute, value]) => metric[attribute] === value))
      .reduce((sum, { value }) => sum + Number(value), 0);
  }
}
