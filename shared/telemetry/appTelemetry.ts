import { randomBytes } from 'node:crypto';
import { systemClock } from '../clock.ts';
import type { TelemetryConfig } from '../config/config.ts';
import type { Credentials } from '../credentials.ts';
import { Exporter } from './exporter.ts';
import { metrics } from './metrics.ts';
import { RecordingTelemetry } from './recordingTelemetry.ts';
import type { LogRecord } from './records.ts';
import { startExporterThread } from './startExporterThread.ts';
import { noTelemetry, type Telemetry } from './telemetry.ts';

export interface AppTelemetry {
  telemetry: Telemetry;
  /** Sends what there is, within `limitMs`. Never rejects. */
  flush(limitMs: number): Promise<void>;
}

/**
 * The telemetry of this process: none without a configuration. `clientId` names the identity of hubs and storage;
 * `isRoutine` says which lines sampling may leave out.
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
  const sink = new Exporter({
    clock: systemClock,
    startThread: (owner) => startExporterThread(settings, owner, credential),
    // It happens outside of every invocation; the console goes to the host's log.
    onTrouble: (message, fields) => console.warn(`${message} ${JSON.stringify(fields)}`),
  });
  const randomHex = (bytes: number) => randomBytes(bytes).toString('hex');
  const telemetry = new RecordingTelemetry({ clock: systemClock, randomHex, sink, isRoutine });
  return { telemetry, flush: (limitMs) => sink.flush(limitMs) };
}
