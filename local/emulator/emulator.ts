import { randomBytes } from 'node:crypto';
import type { Random } from '../../shared/clock.ts';
import type { EventGridEvent } from '../eventGrid/eventGridEvent.ts';
import type { HubEvent } from '../eventHub/hubEvent.ts';
import { repeatableRandom } from '../repeatableRandom.ts';
import { EntraIssuer } from './auth/entraIssuer.ts';
import { ManagedIdentities } from './auth/managedIdentities.ts';
import { newPolicyKeys, type PolicyKeys, type PolicyName } from './auth/sasAuthorization.ts';
import { type EmulatorOptions, type EmulatorSettings, withDefaults } from './emulatorOptions.ts';
import { makeCertificate } from './http/certificate.ts';
import { type CounterReport, Counters } from './http/counters.ts';
import { Faults } from './http/faults.ts';
import { startHubServer } from './http/hubServer.ts';
import type { Hub } from './http/prepareRequest.ts';
import { tokenPath } from './http/serveAdmin.ts';
import { openAzureBlobContainer } from './jobs/azureBlobContainer.ts';
import { RegistryJobs } from './jobs/registryJobs.ts';
import { DailyMessageQuota } from './limits/dailyMessageQuota.ts';
import { Throttle } from './limits/throttle.ts';
import { deviceCreatedEvent } from './state/deviceCreatedEvent.ts';
import { EmulatorClock } from './state/emulatorClock.ts';
import { HubState } from './state/hubState.ts';
import { IdentityStore } from './state/identityStore.ts';
import { routedEvent } from './state/routedEvent.ts';

export type { EmulatorOptions } from './emulatorOptions.ts';

/** Access to the local stand-in for Microsoft Entra ID. */
interface EntraAccess {
  /** The value for IDENTITY_ENDPOINT; behaves like the endpoint of App Service. */
  identityEndpoint: string;
  /** The value for IDENTITY_HEADER. */
  identityHeader: string;
  /** The identities that may request tokens, with their roles. */
  identities: ManagedIdentities;
}

/** A running emulator. */
export interface Emulator {
  /** Host name with port: `localhost:8443`. */
  hostName: string;
  port: number;
  /** Connection string of the policy iothubowner. */
  connectionString: string;
  connectionStringOf(policy: PolicyName): string;
  /** PEM file for clients to trust (`NODE_EXTRA_CA_CERTS`); `close` removes it. */
  caFile: string;
  /** Direct access to the hub's state. */
  hub: HubState;
  faults: Faults;
  /** The emulator's own time, with an adjustable speed. */
  clock: EmulatorClock;
  entra: EntraAccess;
  counters(): CounterReport;
  /** Calls `listener` for every device that a caller of the service creates, before the response to the call. */
  onDeviceCreated(listener: (event: EventGridEvent) => void): void;
  /**
   * Calls `listener` for every event that a hub with routes for all lifecycle events and twin changes would send, before the
   * response to the call that caused the event.
   */
  onRoutedEvent(listener: (event: HubEvent) => void): void;
  /** Closes all connections and removes the certificate. */
  close(): Promise<void>;
}

/** Starts an emulated IoT hub on this machine. Rejects if an option is invalid (`RangeError`) or the port is taken. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const settings = withDefaults(options);
  const { name, tier } = settings;
  const clock = new EmulatorClock(settings.clock, settings.timeScale);
  const store = new IdentityStore(settings, clock, settings.random);
  const jobs = new RegistryJobs(store, clock, settings, openAzureBlobContainer, warnOfUnexpectedError);
  const counters = new Counters();
  const quota = new DailyMessageQuota(name, tier, settings.messagesPerDay);
  const faults = new Faults(faultRandom(settings));
  const keys = newPolicyKeys();
  const entra = {
    issuer: new EntraIssuer(),
    identities: new ManagedIdentities(settings.entraRoles),
    secret: randomBytes(32).toString('base64url'),
  };
  const throttle = settings.throttling ? newThrottle(settings, clock.now()) : undefined;
  const hubAt = (port: number): Hub => ({
    ...{ settings, clock, tokenClock: settings.clock, store, jobs, throttle, quota, entra, counters, faults },
    sas: { keys, hostNames: hostNames(port, name) },
  });
  const certificate = await makeCertificate(azureNames(name));
  const server = await startHubServer({
    key: certificate.key,
    certificate: certificate.certificate,
    address: settings.listenAddress,
    port: settings.port,
    hubAt,
    onUnexpectedError: warnOfUnexpectedError,
  }).catch(async (error: unknown) => {
    await certificate.remove();
    throw error;
  });
  const hostName = `localhost:${server.port}`;
  return {
    hostName,
    port: server.port,
    connectionString: connectionString(hostName, 'iothubowner', keys),
    connectionStringOf: (policy) => connectionString(hostName, policy, keys),
    caFile: certificate.caFile,
    hub: new HubState(store),
    faults,
    clock,
    entra: {
      identityEndpoint: `https://${hostName}${tokenPath}`,
      identityHeader: entra.secret,
      identities: entra.identities,
    },
    counters: () => counters.report(store.created, quota, clock.now()),
    onDeviceCreated: (listener) => store.onDeviceCreated((row) => listener(deviceCreatedEvent(row, name))),
    onRoutedEvent: (listener) => store.onReport((report) => listener(routedEvent(report, name))),
    close: async () => {
      await server.close();
      await jobs.close();
      await certificate.remove();
    },
  };
}

const warnOfUnexpectedError = (error: unknown): void =>
  process.emitWarning(error instanceof Error ? error : String(error), 'EmulatorBug');

/** With a seed each fault rule gets its own random numbers, independent of what other rules and calls draw. */
function faultRandom({ seed, random }: EmulatorSettings): (ruleNumber: number) => Random {
  return seed === undefined ? () => random : (ruleNumber) => repeatableRandom(seed + 7919 * ruleNumber);
}

function newThrottle(settings: EmulatorSettings, nowMs: number): Throttle {
  const rules = {
    burstMinutes: settings.throttleBurstMinutes,
    queueTimeoutMs: settings.throttleQueueTimeoutMs,
    queueLimit: settings.throttleQueueLimit,
  };
  return new Throttle(settings.limits, rules, nowMs);
}

/**
 * The three names that a hub has in Azure (Microsoft: "TLS support in IoT Hub"), for clients that reach the emulator
 * through a hosts file or a proxy.
 */
const azureNames = (name: string): string[] =>
  ['', '.service', '.device'].map((part) => `${name}${part}.azure-devices.net`.toLowerCase());

/** The names in the certificate, each with the port, and without it for clients that omit the port in `sr`. */
function hostNames(port: number, name: string): string[] {
  const names = ['localhost', '127.0.0.1', '[::1]', ...azureNames(name)];
  return [...names, ...names.map((name) => `${name}:${port}`)];
}

const connectionString = (hostName: string, policy: PolicyName, keys: PolicyKeys): string =>
  `HostName=${hostName};SharedAccessKeyName=${policy};SharedAccessKey=${keys[policy]}`;
