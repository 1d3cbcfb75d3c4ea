import type { metrics } from './metrics.ts';
import type { TelemetryRecord } from './records.ts';

/** What the exporter's thread is started with. */
export interface ExporterSettings {
  connectionString: string;
  instruments: typeof metrics;
  /** Whether ingestion wants a token of Entra ID; the thread asks for it by `wantsToken`. */
  withToken: boolean;
}

/** To the thread. */
export type ExporterOrder =
  | { order: 'write'; records: readonly TelemetryRecord[] }
  /** Sends all that was written before; answered by `flushed`, whether that succeeded or not. */
  | { order: 'flush' }
  /** Undefined where none could be had. */
  | { order: 'useToken'; id: number; token: { token: string; expiresOnTimestamp: number } | undefined };

/** From the thread. */
export type ExporterNews =
  /** The spans and lines of one `write` have been sent or are lost; its measurements are sent with the next minute's. */
  | { news: 'written' }
  | { news: 'flushed' }
  | { news: 'wantsToken'; id: number; scopes: string | string[] }
  /** Whether the ingestion endpoint took the latest request; `why` is a status or a code. Told when it changes. */
  | { news: 'sending'; works: boolean; why: string };
