import type { Policy } from '../policy/moduleSpec.ts';

export type Tier = 'F1' | 'B1' | 'B2' | 'B3' | 'S1' | 'S2' | 'S3';

/** What the hub allows everybody together; the keeper takes its granted share of it. */
export interface HubLimits {
  /** Identity registry operations a minute; a bulk call costs one for each identity. */
  registryOpsPerMinute: number;
  queriesPerMinute: number;
  /** Device and module twins together. */
  twinReadsPerSecond: number;
  /** Device and module twins together. */
  twinWritesPerSecond: number;
}

export type HubAuth = { kind: 'sas'; connectionString: string } | { kind: 'entra' };

export interface HubConfig {
  /** The hub's key: its name in lower case, as its events carry it in `data.hubName`. */
  name: string;
  /** As a client dials it; may carry a port. */
  hostName: string;
  auth: HubAuth;
  tier: Tier;
  units: number;
  /** The share, in percent, of `limits` that the keeper may use. */
  budgetPercent: number;
  /** A paused hub keeps its events pending and refuses runs. */
  paused: boolean;
  limits: HubLimits;
}

/** How to reach the app's own storage account (`AzureWebJobsStorage`). */
export type StorageConfig =
  | { kind: 'connectionString'; connectionString: string }
  | { kind: 'identity'; blobServiceUri: string; queueServiceUri: string; clientId?: string };

/** Where telemetry goes. */
export interface TelemetryConfig {
  connectionString: string;
  /** Set where ingestion wants the app's identity; `clientId` where that is another one than that of storage and hubs. */
  entra?: { clientId?: string };
}

export interface Config {
  hubs: readonly HubConfig[];
  policy: Policy;
  storage: StorageConfig;
  /** How long one invocation of the hub worker goes on before it hands over to the next. */
  sliceSeconds: number;
  /** Only where telemetry is wanted. */
  telemetry?: TelemetryConfig;
}

/** One thing wrong with the settings, and in `message` what to write instead. Never holds a setting's secret value. */
export interface ConfigProblem {
  /** Its name, with the path inside a JSON setting, such as `HUBS[1].tier`. */
  setting: string;
  message: string;
}

export type ConfigResult = { ok: true; config: Config } | { ok: false; problems: readonly ConfigProblem[] };
