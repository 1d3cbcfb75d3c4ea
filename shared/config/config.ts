import type { AssistantMode } from './assistantSettings.ts';
import type { WrittenPolicy } from './parsePolicy.ts';
import type { SweepTimes } from './sweepSchedule.ts';
import type { TwinChangesConfig } from './twinChangesSettings.ts';

export type Tier = 'F1' | 'B1' | 'B2' | 'B3' | 'S1' | 'S2' | 'S3';

/** The throttling limits of a hub, which all its clients share. The app may use `budgetPercent` of each limit. */
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
  /** The host name, with a port if the setting has one (`localhost:8443`). */
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
  /** Set if ingestion requires a token. `clientId`: the identity for it, if it is not the identity for storage and hubs. */
  entra?: { clientId?: string };
}

/** A hub whose settings have problems. The app serves the other hubs without it. */
export interface HubOutOfService {
  /** The key of the hub; undefined if its settings contain no valid name. */
  name?: string;
  /** The name in its events (`data.hubName`), in lower case, if it is not `name`. */
  eventName?: string;
  problems: readonly ConfigProblem[];
}

/** All settings, checked and with their defaults. */
export interface Config {
  /** The hubs in service, at least one. */
  hubs: readonly HubConfig[];
  outOfService: readonly HubOutOfService[];
  /** The policy of `POLICY` or `MODULE_ID`; undefined if no setting names one, so that `policy.json` or the default is in force. */
  policySetting?: WrittenPolicy;
  storage: StorageConfig;
  /** How long one invocation works on a hub. The next invocation then continues the work. */
  sliceSeconds: number;
  /** After this time the host ends the Node worker, with every invocation that runs in it. */
  functionTimeoutSeconds: number;
  /** Undefined if no telemetry is sent. */
  telemetry?: TelemetryConfig;
  /** Valid settings that probably do not have the effect that the owner of the app expects. */
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
 * The result of `readConfig`. The sweep times, `twinChanges` and `assistantTools` do not depend on `ok`, because the triggers
 * are registered even if other settings have problems. No trigger is registered for `twinChanges` or `assistantTools` if it is
 * undefined.
 */
export type ConfigResult = SweepTimes & { twinChanges?: TwinChangesConfig; assistantTools?: AssistantMode } & (
    | { ok: true; config: Config }
    | { ok: false; problems: readonly ConfigProblem[] }
  );
