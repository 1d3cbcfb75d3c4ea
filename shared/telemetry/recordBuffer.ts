import { metrics } from './metrics.ts';
import type { MetricRecord, RecordSink, TelemetryRecord } from './records.ts';

/** Some megabytes at most; more than ten seconds of a busy hub, since its operations are sampled. */
const mostRecords = 5_000;

/**
 * Records that wait to be sent, in a bounded space: what comes when it is full is dropped and counted. Measurements of a
 * counter are added up and those of a gauge replace each other, so they take next to no space.
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
    if (this.records.length < mostRecords) this.records.push(record);
    else this.droppedCount += 1;
  }

  /** Takes everything out. `dropped`: how many records found no space since the last time. */
  takeAll(): { records: TelemetryRecord[]; dropped: number } {
    const taken = { records: this.records, dropped: this.droppedCount };
    this.records = [];
    this.merged.clear();
    this.droppedCount = 0;
    return taken;
  }

  /** False if the record needs a place of its own. */
  private merge(record: MetricRecord): boolean {
    const { kind } = metrics[record.name];
    if (kind === 'histogram') return false;
    const key = `${record.name} ${JSON.stringify(record.attributes)}`;
    const known = this.merged.get(key);
    if (known) {
      known.value = kind === 'counter' ? known.value + record.value : record.value;
      return true;
    }
    if (this.records.length >= mostRecords) return false;
    const own = { ...record };
    this.merged.set(key, own);
    this.records.push(own);
    return true;
  }
}
