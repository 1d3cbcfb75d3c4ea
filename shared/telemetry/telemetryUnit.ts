import type { LogRecord, RecordSink, SpanRecord } from './records.ts';

/** A span with more to tell is not kept whole: its first records are. */
const mostRecords = 200;

/** Outcomes with which nothing is wrong. All others are told of, like failures. */
export const goodOutcomes: readonly unknown[] = ['created', 'unchanged', 'excluded'];

/** Whether a line is kept whatever is sampled: all but lines that tell of one device with which nothing is wrong. */
export function isToldAlways({ level, fields }: LogRecord): boolean {
  if (level !== 'info' || fields.deviceId === undefined) return true;
  return fields.outcome !== undefined && !goodOutcomes.includes(fields.outcome);
}

/**
 * A span and everything that happened during it in this process: kept or left out together, when that span ends. Kept
 * for certain if any of its spans failed.
 */
export class TelemetryUnit {
  private readonly root: SpanRecord;
  private readonly sample: () => number | undefined;
  private readonly sink: RecordSink;
  private waiting: (SpanRecord | LogRecord)[] = [];
  private failed = false;
  private decided: { sampleRatePercent: number | undefined } | undefined;

  /** `sample` is asked at most once; it answers undefined to leave a unit out in which nothing failed. */
  constructor(root: SpanRecord, sample: () => number | undefined, sink: RecordSink) {
    this.root = root;
    this.sample = sample;
    this.sink = sink;
  }

  /** Takes a line, or a span that has ended. What comes after the root, as a call that was given up, goes its way. */
  add(record: SpanRecord | LogRecord): void {
    if (record.type === 'span' && record.failed) this.failed = true;
    if (this.decided) {
      this.pass(record);
      return;
    }
    if (this.waiting.length < mostRecords || record === this.root) this.waiting.push(record);
    if (record !== this.root) return;
    this.decided = { sampleRatePercent: this.failed ? 100 : this.sample() };
    for (const kept of this.waiting) this.pass(kept);
    this.waiting = [];
  }

  private pass(record: SpanRecord | LogRecord): void {
    const percent = record.type === 'span' && record.failed ? 100 : this.decided?.sampleRatePercent;
    if (percent === undefined) return;
    this.sink.add(record.type === 'span' ? { ...record, sampleRatePercent: percent } : record);
  }
}
