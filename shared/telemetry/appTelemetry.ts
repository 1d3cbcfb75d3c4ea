import { randomBytes } from 'node:crypto';
import { systemClock } from '../clock.ts';
import type { TelemetryConfig } from '../config/config.ts';
import type { Credentials } from '../credentials.ts';
import { Exporter, type TelemetryWarning } from './exporter.ts';
import { RecordingTelemetry } from './recordingTelemetry.ts';
import type { LogRecord } from './records.ts';
import { noTelemetry, type Telemetry } from './telemetry.ts';

export interface AppTelemetry {
  telemetry: Telemetry;
  /** Returns what an operator must know about telemetry itself, each loss once. */
  takeWarnings(): TelemetryWarning[];
  /** Sends everything recorded so far; resolves after `limitMs` at the latest. Never rejects. */
  close(limitMs: number): Promise<void>;
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
  if (!config) return { telemetry: noTelemetry, takeWarnings: () => [], close: async () => undefined };
  const { connectionString, entra } = config;
  const credential = entra ? credentials(entra.clientId ?? clientId) : undefined;
  const exporter = new Exporter(systemClock, async () => {
    const { azureMonitor } = await import('./azureMonitor.ts');
    return azureMonitor(connectionString, credential, process.env);
  });
  const randomHex = (bytes: number) => randomBytes(bytes).toString('hex');
  const telemetry = new RecordingTelemetry(systemClock, randomHex, exporter, isRoutine);
  return {
    telemetry,
    takeWarnings: () => exporter.takeWarnings(),
    close: async (limitMs) => {
      await exporter.close(limitMs);
      // There is no invocation left to log to.
      for (const { message, fields } of exporter.takeWarnings()) console.warn(`${message} ${JSON.stringify(fields)}`);
    },
  };
}
