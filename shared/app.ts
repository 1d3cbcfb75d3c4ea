import { readAppVersion, readHostJson } from './appFiles.ts';
import { type Clock, type Random, systemClock } from './clock.ts';
import type { Config, ConfigProblem, ConfigResult, HubConfig, HubOutOfService } from './config/config.ts';
import { hubsByEventName } from './config/hubsByEventName.ts';
import { readConfig } from './config/readConfig.ts';
import { type Credentials, credentialsOnce } from './credentials.ts';
import { azureRegistry } from './hub/azureRegistry.ts';
import { observedRegistry } from './hub/observedRegistry.ts';
import type { Registry } from './hub/registry.ts';
import { IntakeLimiter } from './intake/intakeLimiter.ts';
import type { RolloutStates } from './policy/rollout.ts';
import { PolicyStore } from './policyStore/policyStore.ts';
import { isRoutineLine } from './reconcile/recordOutcomes.ts';
import { hubFolder, isNearlyFull as nearlyFull, readHubDocument } from './run/hubDocument.ts';
import { recentFolder } from './run/recentRuns.ts';
import { RunningInvocations } from './runningInvocations.ts';
import { blobDocuments } from './storage/blobDocuments.ts';
import { blobLeases } from './storage/blobLeases.ts';
import { cachedByHub } from './storage/cachedByHub.ts';
import { cachedDocuments, type DocumentView } from './storage/cachedDocuments.ts';
import { cachedLeases } from './storage/cachedLeases.ts';
import { coalescedWakeUps } from './storage/coalescedWakeUps.ts';
import type { Documents, PartedTexts } from './storage/documents.ts';
import type { Leases } from './storage/leases.ts';
import type { PendingDevices, WakeUpQueue } from './storage/queues.ts';
import { storageClients } from './storage/storageClients.ts';
import { storagePendingDevices, storageWakeUps } from './storage/storageQueues.ts';
import { type AppTelemetry, appTelemetry } from './telemetry/appTelemetry.ts';
import type { TelemetryWarning } from './telemetry/exporter.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import { unlessRejected } from './unlessRejected.ts';

/** The services of one hub. */
export interface HubServices {
  hub: HubConfig;
  registry: Registry;
  /** Limits the calls that do not come from the worker. */
  limiter: IntakeLimiter;
}

/** The services of the app, built from the settings. */
export interface App {
  config: Config;
  /** The version in the package.json of the app. */
  version: string;
  /** When the nightly sweep runs: an NCRONTAB expression with seconds, UTC. */
  schedule: string;
  /** Whether the operator has disabled `nightlySweep`. */
  isSweepDisabled: boolean;
  /** The hubs in service, by hub name. */
  hubs: ReadonlyMap<string, HubServices>;
  /** The hubs out of service, by hub name; those without a name are only in `config`. */
  outOfService: ReadonlyMap<string, HubOutOfService>;
  /** Hub names by the names that events use, including hubs out of service. */
  hubsByEventName: ReadonlyMap<string, string>;
  documents: Documents & PartedTexts;
  /** The hub documents and the lists of recent runs, cached for callers that read those of all hubs. */
  hubDocuments: { asOfNow(): Promise<DocumentView> };
  policies: PolicyStore;
  leases: Leases;
  /** The result may be one second old. */
  cachedLeases: Pick<Leases, 'isHeld'>;
  /** As `isNearlyFull` in `shared/run/hubDocument.ts`; the result may be one minute old. */
  isNearlyFull(hub: string): Promise<boolean>;
  /** The state of the hub's rollouts; the result may be one minute old. */
  rollouts(hub: string): Promise<RolloutStates | undefined>;
  pending: PendingDevices;
  wakeUps: WakeUpQueue;
  clock: Clock;
  random: Random;
  telemetry: Telemetry;
  /** Aborted when the process must end. */
  stopping: AbortSignal;
}

/** The settings are invalid, so no function can run. Each problem says what to change. */
export class MisconfiguredError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(`The settings are invalid: ${problems.map(({ setting, message }) => `${setting}: ${message}`).join(' | ')}`);
    this.name = 'MisconfiguredError';
    this.problems = problems;
  }
}

/**
 * The Functions worker ends its process when the `appTerminate` hooks have ended, or after 5 s
 * (azure-functions-nodejs-worker, terminateWorker.ts; azure-functions-host, WorkerConstants).
 */
const stopLimitMs = 4_500;

/** Reads the settings of this process at once, and builds the app from them on first use. */
export class AppHost {
  readonly configResult: ConfigResult;
  /** Whether the setting `AzureWebJobs.nightlySweep.Disabled` tells the Functions host to disable `nightlySweep`. */
  readonly isSweepDisabled: boolean;
  /** Invocations that must write their checkpoint before the process ends. */
  readonly invocations = new RunningInvocations();
  /** How many events named a hub that is not in the settings, since the start of this process. */
  unknownHubEvents = 0;
  private readonly stopping = new AbortController();
  private readonly credentials = credentialsOnce();
  private readonly appTelemetry: AppTelemetry;
  private readonly built: () => Promise<App>;
  private readonly readVersion: () => string;

  constructor(env: Record<string, string | undefined>, hostJson = readHostJson(env)) {
    this.configResult = readConfig(env, hostJson);
    this.isSweepDisabled = /^(true|1)$/i.test(env['AzureWebJobs.nightlySweep.Disabled'] ?? '');
    const config = this.configResult.ok ? this.configResult.config : undefined;
    this.appTelemetry = appTelemetry(config?.telemetry, this.credentials, config && clientIdOf(config), isRoutineLine);
    this.readVersion = () => readAppVersion(env) ?? 'unknown';
    this.built = unlessRejected(() => this.build());
  }

  get telemetry(): Telemetry {
    return this.appTelemetry.telemetry;
  }

  /** Returns the new warnings about telemetry that was lost or cannot be sent, for the log of the next invocation. */
  takeTelemetryWarnings(): TelemetryWarning[] {
    return this.appTelemetry.takeWarnings();
  }

  /** Throws `MisconfiguredError`, or an error of an SDK that could not be loaded or set up; the next call then tries again. */
  async app(): Promise<App> {
    return this.built();
  }

  private async build(): Promise<App> {
    if (!this.configResult.ok) throw new MisconfiguredError(this.configResult.problems);
    const services = await buildApp(this.configResult.config, this.credentials, this.telemetry, this.stopping.signal);
    return {
      ...services,
      version: this.readVersion(),
      schedule: this.configResult.sweepSchedule,
      isSweepDisabled: this.isSweepDisabled,
    };
  }

  /**
   * Aborts `stopping`, so that running invocations write their checkpoint and end; then sends telemetry in the remaining
   * time. Resolves after 4.5 s at the latest.
   */
  async stop(): Promise<void> {
    const untilMs = systemClock.elapsedMs() + stopLimitMs;
    this.stopping.abort();
    await this.invocations.waitForAll(stopLimitMs, systemClock);
    await this.appTelemetry.close(Math.max(0, untilMs - systemClock.elapsedMs()));
  }
}

/** Storage and hubs use the same identity. */
function clientIdOf({ storage }: Config): string | undefined {
  return storage.kind === 'identity' ? storage.clientId : undefined;
}

/** How long the parts of a hub document that events need are cached. */
const hubFreshMs = 60_000;

async function buildApp(
  config: Config,
  credentials: Credentials,
  telemetry: Telemetry,
  stopping: AbortSignal,
): Promise<Omit<App, 'version' | 'schedule' | 'isSweepDisabled'>> {
  const clock = systemClock;
  const { storage } = config;
  const credential = credentials(clientIdOf(config));
  const { container, queues } = await storageClients(storage, credential);
  const leases = blobLeases(container);
  const documents = blobDocuments(container);
  const wakeUps = storageWakeUps(queues);
  // Caches two small members and not the whole document, which may be large.
  const readHub = async (hub: string) => {
    const document = await readHubDocument(documents, hub);
    return { isNearlyFull: nearlyFull(document), rollouts: document.rollouts };
  };
  const knownOfHub = cachedByHub(readHub, clock, hubFreshMs);
  return {
    config,
    hubs: new Map(
      config.hubs.map((hub) => [
        hub.name,
        {
          hub,
          registry: observedRegistry(azureRegistry(hub, credential), hub, telemetry),
          limiter: new IntakeLimiter(hub, { documents, clock }),
        },
      ]),
    ),
    outOfService: new Map(config.outOfService.flatMap((hub) => (hub.name === undefined ? [] : [[hub.name, hub]]))),
    hubsByEventName: hubsByEventName(config.hubs, config.outOfService),
    documents,
    hubDocuments: cachedDocuments(documents, [hubFolder, recentFolder]),
    policies: new PolicyStore({ setting: config.policySetting, documents, clock }),
    leases,
    cachedLeases: cachedLeases(leases, clock),
    isNearlyFull: async (hub) => (await knownOfHub(hub)).isNearlyFull,
    rollouts: async (hub) => (await knownOfHub(hub)).rollouts,
    pending: storagePendingDevices(queues),
    wakeUps: { ...wakeUps, ...coalescedWakeUps(wakeUps, clock) },
    clock,
    random: Math.random,
    telemetry,
    stopping,
  };
}

let host: AppHost | undefined;

/** Returns the one instance of this process. */
export function appHost(): AppHost {
  host ??= new AppHost(process.env);
  return host;
}
