import { randomBytes } from 'node:crypto';
import type { Random } from '../../shared/clock.ts';
import { repeatableRandom } from '../repeatableRandom.ts';
import { EntraIssuer } from './auth/entraIssuer.ts';
import { ManagedIdentities } from './auth/managedIdentities.ts';
import { newPolicyKeys, type PolicyKeys, type PolicyName } from './auth/sasAuthorization.ts';
import { type EmulatorOptions, type EmulatorSettings, withDefaults } from './emulatorOptions.ts';
import { makeCertificate } from './http/certificate.ts';
import { type CounterReport, Counters } from './http/counters.ts';
import { Faults } from './http/faults.ts';
import { tokenPath } from './http/serveAdmin.ts';
import type { Hub } from './http/serveHub.ts';
import { listen } from './http/server.ts';
import { openAzureBlobContainer } from './jobs/azureBlobContainer.ts';
import { RegistryJobs } from './jobs/registryJobs.ts';
import { DailyMessageQuota } from './limits/dailyMessageQuota.ts';
import { Throttle } from './limits/throttle.ts';
import { deviceCreatedEvent, type EventGridEvent } from './state/deviceCreatedEvent.ts';
import { EmulatorClock } from './state/emulatorClock.ts';
import { HubState } from './state/hubState.ts';
import { IdentityStore } from './state/identityStore.ts';

export type { EmulatorOptions } from './emulatorOptions.ts';
export type { EventGridEvent } from './state/deviceCreatedEvent.ts';

/** How to call the hub with tokens of a local stand-in for Microsoft Entra ID. */
export interface EntraAccess {
  /** What IDENTITY_ENDPOINT is to hold; speaks as the endpoint of App Service does. */
  identityEndpoint: string;
  /** What IDENTITY_HEADER is to hold. */
  identityHeader: string;
  /** Who may have tokens, and with which roles. */
  identities: ManagedIdentities;
}

export interface Emulator {
  /** As clients dial it: `localhost:8443`. */
  hostName: string;
  port: number;
  /** Of the policy iothubowner. */
  connectionString: string;
  connectionStringOf(policy: PolicyName): string;
  /** PEM file that clients trust (`NODE_EXTRA_CA_CERTS`); gone after `close`. */
  caFile: string;
  /** The hub from inside. */
  hub: HubState;
  faults: Faults;
  /** The emulator's own time, whose pace can be changed. */
  clock: EmulatorClock;
  entra: EntraAccess;
  counters(): CounterReport;
  /** Hears of every device that a caller of the service creates, singly or in bulk, before the call is answered. */
  onDeviceCreated(listener: (event: EventGridEvent) => void): void;
  /** Drops all connections and removes the certificate. */
  close(): Promise<void>;
}

/** Starts an IoT hub on this machine. Rejects when an option makes no sense (RangeError) or the port is taken. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const settings = withDefaults(options);
  const { name, tier } = settings;
  const clock = new EmulatorClock(settings.clock, settings.timeScale);
  const store = new IdentityStore(settings, clock, settings.random);
  const jobs = new RegistryJobs(store, clock, settings, openAzureBlobContainer, warnOfBug);
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
    sas: { keys, hostNames: hostNames(port) },
  });
  const certificate = await makeCertificate();
  const server = await listen({
    key: certificate.key,
    certificate: certificate.certificate,
    address: settings.listenAddress,
    port: settings.port,
    hubAt,
    onBug: warnOfBug,
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
    close: async () => {
      await server.close();
      await jobs.close();
      await certificate.remove();
    },
  };
}

const warnOfBug = (error: unknown): void =>
  process.emitWarning(error instanceof Error ? error : String(error), 'EmulatorBug');

/** With a seed each fault rule has numbers of its own, so that what other calls draw does not shift them. */
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

/** The names that the certificate carries, with the port; and without, for clients that leave it out of `sr`. */
function hostNames(port: number): string[] {
  const names = ['localhost', '127.0.0.1', '[::1]'];
  return [...names, ...names.map((name) => `${name}:${port}`)];
}

const connectionString = (hostName: string, policy: PolicyName, keys: PolicyKeys): string =>
  `HostName=${hostName};SharedAccessKeyName=${policy};SharedAccessKey=${keys[policy]}`;
