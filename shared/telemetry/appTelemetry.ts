import { randomBytes } from 'node:crypto';
import { systemClock } from '../clock.ts';
import type { TelemetryConfig } from '../config/config.ts';
import type { Credentials } from '../credentials.ts';
import { Exporter } from './exporter.ts';
import { metrics } from './metrics.ts';
import { RecordingTelemetry } from './recordingTelemetry.ts';
import type { LogFields, LogRecord } from './records.ts';
import { startExporterThread, type ThreadOwner } from './startExporterThread.ts';
import { noTelemetry, type Telemetry } from './telemetry.ts';

export interface AppTelemetry {
  telemetry: Telemetry;
  /** Sends everything recorded so far; resolves after `limitMs` at the latest. Never rejects. */
  flush(limitMs: number): Promise<void>;
}

/**
 * Returns the telemetry of this process; without `config` it records nothing. `clientId` is the identity of hubs and
 * storage; `isRoutine` says which log lines may be sampled.
 */
export function appTelemetry(
  config: TelemetryConfig | undefined,
  credentials: Credentials,
  clientId: string | undefined,
  isRoutine: (record: LogRecord) => boolean,
): AppTelemetry {
  if (!config) return { telemetry: noTelemetry, flush: async () => undefined };
  const { connectionString, entra } = config;
  const credential = credentials(entra?.clientId ?? clientId);
  const settings = { connectionString, instruments: metrics, withToken: entra !== undefined };
  const startThread = (owner: ThreadOwner) => startExporterThread(settings, owner, credential);
  // There is no invocation to log to here; the host logs what is written to the console.
  const warn = (message: string, fields: LogFields) => console.warn(`${message} ${JSON.stringify(fields)}`);
  const sink = new Exporter(systemClock, startThread, warn);
  const randomHex = (bytes: number) => randomBytes(bytes).toString('hex');
  const telemetry = new RecordingTelemetry(systemClock, randomHex, sink, isRoutine);
  return { telemetry, flush: (limitMs) => sink.flush(limitMs) };
}
