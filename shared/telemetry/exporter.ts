import { TimeLimitError, withTimeout } from '../abort.ts';
import type { Clock } from '../clock.ts';
import type { ExporterEvent } from './exporterMessages.ts';
import { errorFields } from './log.ts';
import { RecordBuffer } from './recordBuffer.ts';
import type { LogFields, RecordSink, TelemetryRecord } from './records.ts';
import type { ExporterThread, ThreadOwner } from './startExporterThread.ts';

/** Loading the exporter takes half a second of CPU time; by then a new process has completed its first invocation. */
const startAfterMs = 2_000;
const sendEveryMs = 1_000;
/** The shortest time between two starts of the thread. */
const restartAfterMs = 60_000;

/**
 * Sends records to the exporter thread, at most once a second. The thread starts some time after the first record; before
 * that, and while the thread is busy, records wait in a bounded buffer. Only `flush` waits for the thread.
 */
export class Exporter implements RecordSink {
  private readonly clock: Clock;
  private readonly startThread: (owner: ThreadOwner) => ExporterThread;
  private readonly warn: (message: string, fields: LogFields) => void;
  private readonly buffer = new RecordBuffer();
  private thread: ExporterThread | undefined;
  private startedAtMs = Number.NEGATIVE_INFINITY;
  private sending = false;
  private written = Promise.withResolvers<void>();
  private flushed = Promise.withResolvers<void>();

  /** `warn` logs problems of the exporter itself, which telemetry cannot report. It must not throw. */
  constructor(
    clock: Clock,
    startThread: (owner: ThreadOwner) => ExporterThread,
    warn: (message: string, fields: LogFields) => void,
  ) {
    this.clock = clock;
    this.startThread = startThread;
    this.warn = warn;
  }

  add(record: TelemetryRecord): void {
    this.buffer.add(record);
    if (this.sending) return;
    this.sending = true;
    void this.sendUntilEmpty().catch((error: unknown) => this.warnOfLoss(error));
  }

  /** Sends all records. Resolves when they are sent or lost, after `limitMs` at the latest. Never rejects. */
  flush(limitMs: number): Promise<void> {
    return this.flushWithin(limitMs).catch((error: unknown) => this.warnOfLoss(error));
  }

  private async flushWithin(limitMs: number): Promise<void> {
    if (!this.thread && this.buffer.length === 0) return;
    this.flushed = Promise.withResolvers();
    if (!this.write()) return;
    this.thread?.send({ command: 'flush' });
    try {
      await withTimeout({ limitMs, what: 'Sending the telemetry', clock: this.clock }, () => this.flushed.promise);
    } catch (error) {
      if (!(error instanceof TimeLimitError)) throw error;
    }
  }

  private async sendUntilEmpty(): Promise<void> {
    try {
      await this.clock.sleep(this.thread ? sendEveryMs : startAfterMs);
      while (this.buffer.length > 0) {
        this.written = Promise.withResolvers();
        // A thread that hangs gets no further records: the buffer fills up and then drops records.
        if (this.write()) await this.written.promise;
        await this.clock.sleep(sendEveryMs);
      }
    } finally {
      this.sending = false;
    }
  }

  /** Returns false if there is no thread now; the records are then lost. */
  private write(): boolean {
    const { records, dropped } = this.buffer.takeAll();
    this.thread ??= this.start();
    if (dropped > 0) this.warn('Telemetry was dropped', { dropped });
    this.thread?.send({ command: 'write', records });
    return this.thread !== undefined;
  }

  private start(): ExporterThread | undefined {
    if (this.clock.elapsedMs() - this.startedAtMs < restartAfterMs) return undefined;
    this.startedAtMs = this.clock.elapsedMs();
    try {
      return this.startThread({ onEvent: (event) => this.handle(event), onEnd: (error) => this.handleEnd(error) });
    } catch (error) {
      // No threads on this platform, or no memory for one: the app continues without telemetry.
      this.handleEnd(error instanceof Error ? error : undefined);
      return undefined;
    }
  }

  private handle(message: ExporterEvent): void {
    if (message.event === 'written') this.written.resolve();
    if (message.event === 'flushed') this.flushed.resolve();
    if (message.event !== 'sending') return;
    this.warn(message.works ? 'Telemetry is sent again' : 'Telemetry cannot be sent and is lost', { why: message.why });
  }

  private handleEnd(error: Error | undefined): void {
    this.thread = undefined;
    const { code } = (error ?? {}) as { code?: unknown };
    const fields = { error: error?.name, ...(typeof code === 'string' ? { code } : {}) };
    this.warn('The telemetry exporter ended', fields);
    this.written.resolve();
    this.flushed.resolve();
  }

  /** An error must end neither the process nor the exporter: the next record starts to send again. */
  private warnOfLoss(error: unknown): void {
    this.warn('Telemetry cannot be passed to the exporter thread and is lost', errorFields(error));
  }
}
