import { TimeLimitError, withTimeout } from '../abort.ts';
import type { Clock } from '../clock.ts';
import { unlessRejected } from '../unlessRejected.ts';
import { RecordBuffer } from './recordBuffer.ts';
import type { LogFields, RecordSink, TelemetryItem, TelemetryRecord } from './records.ts';

/** Pause before the first sending: loading Microsoft's exporter takes 50 ms, which must not delay the first invocation. */
const startAfterMs = 2_000;
const sendEveryMs = 1_000;
const sendPointsEveryMs = 60_000;
/** The largest number of events in a request: preparing a larger one would block the event loop, and so invocations, too long. */
const maxEventsPerRequest = 250;
const maxPointsPerRequest = 1_000;
/** The pause after the first failure; it doubles up to `maxPauseMs`. */
const firstPauseMs = 2_000;
const maxPauseMs = 60_000;
/** The longest pause that the endpoint can ask for with `Retry-After`. */
const maxRetryAfterMs = 300_000;
/** After failures for this time without a success, spans and log lines that cannot be sent are dropped. */
const giveUpAfterMs = 15 * 60_000;
/** A warning is logged only after failures for this time, because a shorter outage loses nothing. */
const warnAfterMs = 60_000;

/** The result of sending items once. */
export interface SendResult {
  /** The items that the endpoint may accept later. */
  again: readonly TelemetryItem[];
  /** The number of items that the endpoint will never accept. */
  refused: number;
  /** The HTTP status or the error code of the first failure. */
  why: string;
  /** The pause in milliseconds that the endpoint requests; 0 if it requests none. */
  retryAfterMs: number;
}

/** Sends to Application Insights. */
export type SendItems = (items: readonly TelemetryItem[]) => Promise<SendResult>;

/** A warning about telemetry itself. */
export interface TelemetryWarning {
  message: string;
  fields: LogFields;
}

/**
 * Sends spans and log lines at most once a second, and metrics once a minute. Records that cannot be sent are sent again
 * later; measurements are added up in the meantime, so none is lost while the process runs. Only `close` waits for the endpoint.
 */
export class Exporter implements RecordSink {
  private readonly clock: Clock;
  private readonly load: () => Promise<SendItems>;
  private readonly buffer: RecordBuffer;
  private isRunning = false;
  private isClosed = false;
  private current: Promise<void> = Promise.resolve();
  private inFlight = 0;
  private pauseMs = startAfterMs;
  private pointsDueAtMs = 0;
  private failing: { sinceMs: number; pauseMs: number; why: string; isKnown: boolean } | undefined;

  /** `load` is called before the first sending, and again if it failed. */
  constructor(clock: Clock, load: () => Promise<SendItems>) {
    this.clock = clock;
    this.load = unlessRejected(load);
    this.buffer = new RecordBuffer(clock);
  }

  add(record: TelemetryRecord): void {
    this.buffer.add(record);
    if (!this.isRunning) void this.sendUntilEmpty();
  }

  /** Returns the new warnings: records that were lost, and an outage that has lasted for `warnAfterMs`. Each is returned once. */
  takeWarnings(): TelemetryWarning[] {
    const lost = this.buffer.takeDropped().map((fields) => ({ message: 'Telemetry was lost', fields }));
    const { failing } = this;
    if (!failing || failing.isKnown || this.clock.elapsedMs() - failing.sinceMs < warnAfterMs) return lost;
    failing.isKnown = true;
    const fields = { why: failing.why, waiting: this.buffer.eventCount };
    return [...lost, { message: 'Telemetry cannot be sent and waits', fields }];
  }

  /** Tries once to send all records; drops what is left after `limitMs` or a failure. Resolves then; never rejects. */
  async close(limitMs: number): Promise<void> {
    this.isClosed = true;
    try {
      await withTimeout({ limitMs, what: 'Sending the telemetry', clock: this.clock }, () => this.sendRest());
    } catch (error) {
      if (!(error instanceof TimeLimitError)) throw error;
    }
    this.buffer.dropAll('process ended', this.inFlight);
  }

  /** Sends metrics at the same time as events, in requests of their own, so that a request that hangs does not hold them up. */
  private async sendRest(): Promise<void> {
    const points = this.sendAll(() => this.buffer.takePoints(maxPointsPerRequest));
    const events = this.sendAll(() => this.buffer.takeEvents(maxEventsPerRequest));
    await Promise.all([points, events, this.current]);
  }

  private async sendAll(take: () => readonly TelemetryItem[]): Promise<void> {
    for (let items = take(); items.length > 0; items = this.failing ? [] : take()) await this.send(items);
  }

  private async sendUntilEmpty(): Promise<void> {
    this.isRunning = true;
    while (!this.buffer.isEmpty) {
      await this.clock.sleep(this.pauseMs);
      if (this.isClosed) return;
      this.current = this.sendDue();
      await this.current;
      const hasMore = this.buffer.eventCount >= maxEventsPerRequest;
      this.pauseMs = this.failing?.pauseMs ?? (hasMore ? 0 : sendEveryMs);
    }
    this.isRunning = false;
  }

  private async sendDue(): Promise<void> {
    const nowMs = this.clock.elapsedMs();
    const pointsAreDue = this.failing !== undefined || nowMs >= this.pointsDueAtMs;
    const points = pointsAreDue ? this.buffer.takePoints(maxPointsPerRequest) : [];
    if (pointsAreDue && points.length < maxPointsPerRequest) this.pointsDueAtMs = nowMs + sendPointsEveryMs;
    await this.send([...this.buffer.takeEvents(maxEventsPerRequest), ...points]);
  }

  private async send(items: readonly TelemetryItem[]): Promise<void> {
    if (items.length === 0) return;
    this.inFlight += items.length;
    const { again, refused, why, retryAfterMs } = await this.trySend(items);
    this.inFlight -= items.length;
    this.buffer.drop(why, refused);
    if (again.length === 0) {
      this.failing = undefined;
      return;
    }
    const nowMs = this.clock.elapsedMs();
    const { sinceMs = nowMs, pauseMs = firstPauseMs / 2, isKnown = false } = this.failing ?? {};
    const nextPauseMs = Math.max(Math.min(pauseMs * 2, maxPauseMs), Math.min(retryAfterMs, maxRetryAfterMs));
    this.failing = { sinceMs, pauseMs: nextPauseMs, why, isKnown };
    const kept = nowMs - sinceMs < giveUpAfterMs ? again : again.filter(({ type }) => type === 'metric');
    this.buffer.putBack(kept);
    this.buffer.drop(why, again.length - kept.length);
  }

  /** Never rejects: an error of the libraries must not end the process. */
  private async trySend(items: readonly TelemetryItem[]): Promise<SendResult> {
    try {
      const sendItems = await this.load();
      return await sendItems(items);
    } catch (error) {
      return { again: items, refused: 0, why: codeOf(error), retryAfterMs: 0 };
    }
  }
}

/** Returns the code or name of an error. Log these, never its message: the message of a library's error can contain a token. */
export function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return String(code ?? name ?? typeof error);
}
