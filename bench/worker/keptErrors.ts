import type { Log } from '../../shared/telemetry/log.ts';
import type { LogFields } from '../../shared/telemetry/records.ts';

/** A log that counts lines by message and keeps only the text of errors, so that it needs little memory. */
export class KeptErrors implements Log {
  readonly counts = new Map<string, number>();
  readonly errors: string[] = [];

  info(message: string): void {
    this.counts.set(message, (this.counts.get(message) ?? 0) + 1);
  }

  warn(message: string): void {
    this.info(message);
  }

  error(message: string, fields: LogFields = {}): void {
    this.info(message);
    this.errors.push(`${message} ${JSON.stringify(fields)}`);
  }
}
