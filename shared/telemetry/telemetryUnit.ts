import type { LogRecord, RecordSink, SpanRecord } from './records.ts';

/** The largest number of records that wait for the decision. Further records are dropped until it is made. */
const maxWaiting = 200;

/**
 * A span (the root) and the records of this process within it. All are kept or dropped together when the root ends. If one
 * of the spans fails before that, the waiting and all later records are kept.
 */
export class TelemetryUnit {
  private readonly root: SpanRecord;
  private readonly sample: () => number | undefined;
  private readonly sink: RecordSink;
  private waiting: (SpanRecord | LogRecord)[] = [];
  private decided: { sampleRatePercent: number | undefined } | undefined;

  /** `sample` returns the sample rate in percent, or undefined to drop the unit. It is called at most once, if no span failed. */
  constructor(root: SpanRecord, sample: () => number | undefined, sink: RecordSink) {
    this.root = root;
    this.sample = sample;
    this.sink = sink;
  }

  /** Adds a log line, or a span that has ended. For a record that is added after the end of the root, the decision holds too. */
  add(record: SpanRecord | LogRecord): void {
    const failed = record.type === 'span' && record.failed;
    if (!this.decided && (failed || record === this.root)) this.decide(failed ? 100 : this.sample());
    if (this.decided) this.passOn(record);
    else if (this.waiting.length < maxWaiting) this.waiting.push(record);
  }

  private decide(sampleRatePercent: number | undefined): void {
    this.decided = { sampleRatePercent };
    for (const record of this.waiting) this.passOn(record);
    this.waiting = [];
  }

  private passOn(record: SpanRecord | LogRecord): void {
    const percent = record.type === 'span' && record.failed ? 100 : this.decided?.sampleRatePercent;
    if (percent === undefined) return;
    this.sink.add(record.type === 'span' ? { ...record, sampleRatePercent: percent } : record);
  }
}
