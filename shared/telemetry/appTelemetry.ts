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
  /** Returns the new warnings about telemetry itself, such as lost records. Each is returned once. */
  takeWarnings(): TelemetryWarning[];
  /** Sends everything recorded so far; resolves after `limitMs` at the latest. Never rejects. */
  close(limitMs: number): Promise<void>;
}

/**
 * Returns the telemetry of this process; it records nothing if `config` is undefined. `clientId` is the identity for hubs and
 * storage, also used for telemetry if `config` names no other. `isRoutine` returns whether a log line may be sampled.
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
      // No invocation runs any more whose log could take the warnings.
      for (const { message, fields } of exporter.takeWarnings()) console.warn(`${message} ${JSON.stringify(fields)}`);
    },
  };
}
