import type { Clock } from '../clock.ts';
import { metrics } from './metrics.ts';
import type { EventRecord, MetricPoint, RecordSink, TelemetryItem, TelemetryRecord } from './records.ts';

/** A few megabytes: some minutes of a busy hub, because its operations are sampled. */
const maxEvents = 5_000;
/** Several times what 100 hubs have. */
const maxPoints = 20_000;
/** Limits what one process costs while much fails: at about 1 KB each, 2.4 GB a day. */
const maxEventsPerHour = 100_000;
const hourMs = 3_600_000;

/**
 * A bounded buffer of what waits to be sent. Spans and log lines that do not fit are dropped and counted. Measurements are
 * added up in one point a series, so they need little space however long they wait.
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

  /** Removes and returns the oldest `count` spans and log lines. */
  takeEvents(count: number): EventRecord[] {
    return this.events.splice(0, count);
  }

  /** Removes and returns `count` points, those first that have waited longest. */
  takePoints(count: number): MetricPoint[] {
    const taken = [...this.points].slice(0, count);
    for (const [key] of taken) this.points.delete(key);
    return taken.map(([, point]) => point);
  }

  /** Puts back what could not be sent. Of a gauge with a newer value, the older one is obsolete. */
  putBack(items: readonly TelemetryItem[]): void {
    this.events.unshift(...items.filter((item) => item.type !== 'metric'));
    for (const item of items) if (item.type === 'metric') this.addPoint(item, 'older');
  }

  /** Counts records that are lost for this reason. */
  drop(why: string, records: number): void {
    if (records > 0) this.dropped.set(why, (this.dropped.get(why) ?? 0) + records);
  }

  /** Drops what waits, and counts it and `others`. */
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
