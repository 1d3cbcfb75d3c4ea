import type { Clock } from '../clock.ts';
import { metrics } from './metrics.ts';
import type { EventRecord, MetricPoint, RecordSink, TelemetryItem, TelemetryRecord } from './records.ts';

/** The largest number of spans and log lines: a few megabytes, and some minutes of a busy hub, because operations are sampled. */
const maxEvents = 5_000;
/** The largest number of series: several times what 100 hubs have. */
const maxPoints = 20_000;
/** Limits the cost of one process while many operations fail: at about 1 KB a record, 2.4 GB a day. */
const maxEventsPerHour = 100_000;
const hourMs = 3_600_000;

/**
 * A bounded buffer of the records that wait to be sent. Spans and log lines that do not fit are dropped and counted. The
 * measurements of one series (name and attributes) are added up in one point, so they need little space however long they wait.
 */
export class RecordBuffer implements RecordSink {
  private readonly clock: Clock;
  private events: EventRecord[] = [];
  private readonly points = new Map<string, MetricPoint>();
  private readonly dropped = new Map<string, number>();
  private hour = 0;
  private eventsInHour = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** The number of spans and log lines. */
  get eventCount(): number {
    return this.events.length;
  }

  get isEmpty(): boolean {
    return this.events.length === 0 && this.points.size === 0;
  }

  add(record: TelemetryRecord): void {
    if (record.type === 'metric') {
      const { value } = record;
      this.addPoint({ ...record, count: 1, min: value, max: value }, 'newer');
    } else if (this.countInHour() > maxEventsPerHour) this.drop('hourly limit', 1);
    else if (this.events.length >= maxEvents) this.drop('buffer full', 1);
    else this.events.push(record);
  }

  /** Removes and returns up to `count` spans and log lines, the oldest first. */
  takeEvents(count: number): EventRecord[] {
    return this.events.splice(0, count);
  }

  /** Removes and returns up to `count` points, the oldest first. */
  takePoints(count: number): MetricPoint[] {
    const taken = [...this.points].slice(0, count);
    for (const [key] of taken) this.points.delete(key);
    return taken.map(([, point]) => point);
  }

  /** Puts back items that could not be sent. The value of a gauge is discarded if the buffer has a newer value. */
  putBack(items: readonly TelemetryItem[]): void {
    this.events.unshift(...items.filter((item) => item.type !== 'metric'));
    for (const item of items) if (item.type === 'metric') this.addPoint(item, 'older');
  }

  /** Counts `records` as lost for the reason `why`. */
  drop(why: string, records: number): void {
    if (records > 0) this.dropped.set(why, (this.dropped.get(why) ?? 0) + records);
  }

  /** Drops all records, and counts them and `others` more as lost for the reason `why`. */
  dropAll(why: string, others: number): void {
    this.drop(why, this.events.length + this.points.size + others);
    this.events = [];
    this.points.clear();
  }

  /** Returns how many records were lost since the last call, by reason. */
  takeDropped(): { why: string; records: number }[] {
    const taken = [...this.dropped].map(([why, records]) => ({ why, records }));
    this.dropped.clear();
    return taken;
  }

  private addPoint(point: MetricPoint, age: 'newer' | 'older'): void {
    const key = `${point.name} ${JSON.stringify(point.attributes)}`;
    const known = this.points.get(key);
    if (!known && this.points.size >= maxPoints) this.drop('buffer full', 1);
    else if (!known) this.points.set(key, point);
    else if (metrics[point.name].kind !== 'gauge') this.points.set(key, sumOf(known, point));
    else if (age === 'newer') this.points.set(key, point);
  }

  private countInHour(): number {
    const hour = Math.floor(this.clock.elapsedMs() / hourMs);
    this.eventsInHour = hour === this.hour ? this.eventsInHour + 1 : 1;
    this.hour = hour;
    return this.eventsInHour;
  }
}

function sumOf(one: MetricPoint, other: MetricPoint): MetricPoint {
  const [value, count] = [one.value + other.value, one.count + other.count];
  return { ...one, value, count, min: Math.min(one.min, other.min), max: Math.max(one.max, other.max) };
}
