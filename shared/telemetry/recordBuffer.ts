import { metrics } from './metrics.ts';
import type { MetricRecord, RecordSink, TelemetryRecord } from './records.ts';

/** A few megabytes; more than a busy hub records in ten seconds, because its operations are sampled. */
const maxRecords = 5_000;

/**
 * A bounded buffer of records that wait to be sent. When it is full, new records are dropped and counted. Measurements of
 * one counter are added up, and a gauge keeps only its last measurement, so these need little space.
 */
export class RecordBuffer implements RecordSink {
  private records: TelemetryRecord[] = [];
  private readonly merged = new Map<string, MetricRecord>();
  private droppedCount = 0;

  get length(): number {
    return this.records.length;
  }

  add(record: TelemetryRecord): void {
    if (record.type === 'metric' && this.merge(record)) return;
    if (this.records.length < maxRecords) this.records.push(record);
    else this.droppedCount += 1;
  }

  /** Empties the buffer. `dropped` is the number of records dropped since the last call. */
  takeAll(): { records: TelemetryRecord[]; dropped: number } {
    const taken = { records: this.records, dropped: this.droppedCount };
    this.records = [];
    this.merged.clear();
    this.droppedCount = 0;
    return taken;
  }

  /** Returns false if the record cannot be merged and must be stored itself. */
  private merge(record: MetricRecord): boolean {
    const { kind } = metrics[record.name];
    if (kind === 'histogram') return false;
    const key = `${record.name} ${JSON.stringify(record.attributes)}`;
    const known = this.merged.get(key);
    if (known) {
      known.value = kind === 'counter' ? known.value + record.value : record.value;
      return true;
    }
    if (this.records.length >= maxRecords) return false;
    const own = { ...record };
    this.merged.set(key, own);
    this.records.push(own);
    return true;
  }
}
