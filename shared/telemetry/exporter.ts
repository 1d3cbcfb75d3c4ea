import type { Clock } from '../clock.ts';
import type { ExporterNews } from './exporterMessages.ts';
import { errorFields, type LogFields } from './log.ts';
import { RecordBuffer } from './recordBuffer.ts';
import type { RecordSink, TelemetryRecord } from './records.ts';
import type { ExporterThread, ThreadOwner } from './startExporterThread.ts';

/** Loading the exporter costs a core half a second; the first work of a fresh process is done by then. */
const startAfterMs = 2_000;
const sendEveryMs = 1_000;
/** A thread that ended is started anew, but not over and over. */
const restartAfterMs = 60_000;

export interface ExporterDeps {
  clock: Clock;
  startThread(owner: ThreadOwner): ExporterThread;
  /** Tells of the exporter itself, where its own telemetry cannot. Must not throw. */
  onTrouble(message: string, fields: LogFields): void;
}

/**
 * Hands records to the exporter's thread, once a second at most. The thread is started some time after the first record;
 * until then, and while it does not keep up, records wait in a bounded buffer. Nobody waits for any of this but `flush`.
 */
export class Exporter implements RecordSink {
  private readonly deps: ExporterDeps;
  private readonly buffer = new RecordBuffer();
  private thread: ExporterThread | undefined;
  private startedAtMs = Number.NEGATIVE_INFINITY;
  private sending = false;
  private written = Promise.withResolvers<void>();
  private flushed = Promise.withResolvers<void>();

  constructor(deps: ExporterDeps) {
    this.deps = deps;
  }

  add(record: TelemetryRecord): void {
    this.buffer.add(record);
    if (this.sending) return;
    this.sending = true;
    void this.sendUntilEmpty().catch((error: unknown) => this.noteLoss(error));
  }

  /** Sends what there is; resolves when that is done, however it ends, and at the latest after `limitMs`. */
  flush(limitMs: number): Promise<void> {
    return this.flushWithin(limitMs).catch((error: unknown) => this.noteLoss(error));
  }

  private async flushWithin(limitMs: number): Promise<void> {
    if (!this.thread && this.buffer.length === 0) return;
    this.flushed = Promise.withResolvers();
    if (!this.write()) return;
    this.thread?.send({ order: 'flush' });
    const done = new AbortController();
    const limit = this.deps.clock.sleep(limitMs, done.signal).catch((error: unknown) => {
      if (!done.signal.aborted) throw error;
    });
    await Promise.race([this.flushed.promise, limit]);
    done.abort();
  }

  private async sendUntilEmpty(): Promise<void> {
    try {
      await this.deps.clock.sleep(this.thread ? sendEveryMs : startAfterMs);
      while (this.buffer.length > 0) {
        this.written = Promise.withResolvers();
        // A thread that hangs is not given more: the buffer fills up, and then drops.
        if (this.write()) await this.written.promise;
        await this.deps.clock.sleep(sendEveryMs);
      }
    } finally {
      this.sending = false;
    }
  }

  /** False if there is no thread at present; what was to be written is lost then. */
  private write(): boolean {
    const { records, dropped } = this.buffer.takeAll();
    this.thread ??= this.start();
    if (dropped > 0) this.deps.onTrouble('Telemetry was dropped', { dropped });
    this.thread?.send({ order: 'write', records });
    return this.thread !== undefined;
  }

  private start(): ExporterThread | undefined {
    const { clock, startThread } = this.deps;
    if (clock.now() - this.startedAtMs < restartAfterMs) return undefined;
    this.startedAtMs = clock.now();
    try {
      return startThread({ onNews: (news) => this.take(news), onEnd: (error) => this.noteEnd(error) });
    } catch (error) {
      // A platform without threads, or without the memory for one: the work goes on without telemetry.
      this.noteEnd(error instanceof Error ? error : undefined);
      return undefined;
    }
  }

  private take(news: ExporterNews): void {
    if (news.news === 'written') this.written.resolve();
    if (news.news === 'flushed') this.flushed.resolve();
    if (news.news !== 'sending') return;
    const message = news.works ? 'Telemetry is sent again' : 'Telemetry cannot be sent and is lost';
    this.deps.onTrouble(message, { why: news.why });
  }

  private noteEnd(error: Error | undefined): void {
    this.thread = undefined;
    const { code } = (error ?? {}) as { code?: unknown };
    const fields = { error: error?.name, ...(typeof code === 'string' ? { code } : {}) };
    this.deps.onTrouble('The telemetry exporter ended', fields);
    this.written.resolve();
    this.flushed.resolve();
  }

  /** Whatever went wrong, it ends neither the process nor the sending: the next record tries again. */
  private noteLoss(error: unknown): void {
    this.deps.onTrouble('Telemetry could not be handed on and is lost', errorFields(error));
  }
}
