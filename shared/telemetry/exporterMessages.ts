import type { metrics } from './metrics.ts';
import type { TelemetryRecord } from './records.ts';

/** Start data of the exporter thread. */
export interface ExporterSettings {
  connectionString: string;
  instruments: typeof metrics;
  /** Whether ingestion requires a token of Microsoft Entra ID; the thread requests one with `wantsToken`. */
  withToken: boolean;
}

/** A message to the thread. */
export type ExporterCommand =
  | { command: 'write'; records: readonly TelemetryRecord[] }
  /** Sends everything that was written before. The thread reports `flushed`, also if sending failed. */
  | { command: 'flush' }
  /** The response to `wantsToken`; `token` is undefined if there is none. */
  | { command: 'useToken'; id: number; token: { token: string; expiresOnTimestamp: number } | undefined };

/** A message from the thread. */
export type ExporterEvent =
  /** The spans and log lines of one `write` are sent or lost. Its metrics are sent once a minute. */
  | { event: 'written' }
  | { event: 'flushed' }
  | { event: 'wantsToken'; id: number; scopes: string | string[] }
  /** Whether the ingestion endpoint accepted the last request, each time this changes; `why` is an HTTP status or a code. */
  | { event: 'sending'; works: boolean; why: string };
