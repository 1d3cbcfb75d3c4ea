import type { LogRecord, RecordSink, SpanRecord } from './records.ts';

/** So much waits for the decision; what comes then in a span in which nothing has failed is not told of. */
const mostWaiting = 200;

/**
 * A span and everything that happened during it in this process: kept or left out together, when that span ends. As soon
 * as one of its spans has failed it is kept for certain, and nothing waits any more.
 */
export class TelemetryUnit {
  private readonly root: SpanRecord;
  private readonly sample: () => number | undefined;
  private readonly sink: RecordSink;
  private waiting: (SpanRecord | LogRecord)[] = [];
  private decided: { sampleRatePercent: number | undefined } | undefined;

  /** `sample` is asked at most once; it answers undefined to leave a unit out in which nothing failed. */
  constructor(root: SpanRecord, sample: () => number | undefined, sink: RecordSink) {
    this.root = root;
    this.sample = sample;
    this.sink = sink;
  }

  /** Takes a line, or a span that has ended. What comes after the root, as a call that was given up, goes its way. */
  add(record: SpanRecord | LogRecord): void {
    const failed = record.type === 'span' && record.failed;
    if (!this.decided && (failed || record === this.root)) this.decide(failed ? 100 : this.sample());
    if (this.decided) this.pass(record);
    else if (this.waiting.length < mostWaiting) this.waiting.push(record);
  }

  private decide(sampleRatePercent: number | undefined): void {
    this.decided = { sampleRatePercent };
    for (const record of this.waiting) this.pass(record);
    this.waiting = [];
  }

  private pass(record: SpanRecord | LogRecord): void {
    const percent = record.type === 'span' && record.failed ? 100 : this.decided?.sampleRatePercent;
    if (percent === undefined) return;
    this.sink.add(record.type === 'span' ? { ...record, sampleRatePercent: percent } : record);
  }
}
