import type { AssistantMode } from './assistantSettings.ts';
import type { WrittenPolicy } from './parsePolicy.ts';
import type { SweepTimes } from './sweepSchedule.ts';
import type { TwinChangesConfig } from './twinChangesSettings.ts';

export type Tier = 'F1' | 'B1' | 'B2' | 'B3' | 'S1' | 'S2' | 'S3';

/** The throttling limits of a hub for all its clients together; the app may use a share of them (`budgetPercent`). */
export interface HubLimits {
  /** Identity registry operations; a bulk call costs one for each identity. */
  registryOpsPerMinute: number;
  queriesPerMinute: number;
  /** Reads of device twins and module twins together. */
  twinReadsPerSecond: number;
  /** Writes of device twins and module twins together. */
  twinWritesPerSecond: number;
}

/** `entra`: a token of Microsoft Entra ID, for the managed identity of the app. */
export type HubAuth = { kind: 'sas'; connectionString: string } | { kind: 'entra' };

/** One hub, with all defaults. */
export interface HubConfig {
  /** The key of the hub: its name in lower case, legal in the name of a queue. */
  name: string;
  /** The name in its events (`data.hubName`), in lower case, if it is not `name`. */
  eventName?: string;
  /** May have a port, as in `localhost:8443`. */
  hostName: string;
  auth: HubAuth;
  tier: Tier;
  units: number;
  /** The share of `limits` that the app may use, 1 to 100. */
  budgetPercent: number;
  /** Events of a paused hub stay pending, and its runs are refused. */
  paused: boolean;
  limits: HubLimits;
}

/** How to reach the app's own storage account (`AzureWebJobsStorage`). */
export type StorageConfig =
  | { kind: 'connectionString'; connectionString: string }
  | { kind: 'identity'; blobServiceUri: string; queueServiceUri: string; clientId?: string };

/** Where telemetry is sent. */
export interface TelemetryConfig {
  connectionString: string;
  /** Set if ingestion requires a token; `clientId` if its identity is not that of storage and hubs. */
  entra?: { clientId?: string };
}

/** A hub whose settings have problems. The app serves the other hubs without it. */
export interface HubOutOfService {
  /** Its key; undefined if the settings do not say it. */
  name?: string;
  /** The name in its events, if it is not `name`. */
  eventName?: string;
  problems: readonly ConfigProblem[];
}

/** All settings, checked and with their defaults. */
export interface Config {
  /** The hubs in service, at least one. */
  hubs: readonly HubConfig[];
  outOfService: readonly HubOutOfService[];
  /** The policy of `POLICY` or `MODULE_ID`; undefined if neither is set, so that `policy.json` or the default counts. */
  policySetting?: WrittenPolicy;
  storage: StorageConfig;
  /** How long one invocation works on a hub before the next invocation continues. */
  sliceSeconds: number;
  /** After this time the host ends an invocation, and all others of its process. */
  functionTimeoutSeconds: number;
  /** Undefined if no telemetry is sent. */
  telemetry?: TelemetryConfig;
  /** What the app works with, but probably not as its owner expects. */
  warnings: readonly ConfigProblem[];
}

/** One problem of the settings. It never contains the value of a setting, because that may be a secret. */
export interface ConfigProblem {
  /** The name of the setting, with the path inside a JSON setting, such as `HUBS[1].tier`. */
  setting: string;
  /** What to write instead. */
  message: string;
}

/**
 * The times of the sweep, `twinChanges` and `assistantTools` are present in both cases: their triggers are registered even if the
 * settings have problems. Without `twinChanges` and `assistantTools` there are no such triggers.
 */
export type ConfigResult = SweepTimes & { twinChanges?: TwinChangesConfig; assistantTools?: AssistantMode } & (
    | { ok: true; config: Config }
    | { ok: false; problems: readonly ConfigProblem[] }
  );
