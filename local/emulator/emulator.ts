import { makeCertificate } from './certificate.ts';
import { type CounterReport, Counters } from './counters.ts';
import { deviceCreatedEvent, type EventGridEvent } from './deviceCreatedEvent.ts';
import { type EmulatorOptions, type EmulatorSettings, withDefaults } from './emulatorOptions.ts';
import { Faults } from './faults.ts';
import { newPolicyKeys, type PolicyKeys, type PolicyName } from './sasAuthorization.ts';
import type { Hub } from './serveHub.ts';
import { listen } from './server.ts';
import { HubState } from './state/hubState.ts';
import { IdentityStore } from './state/identityStore.ts';
import { Throttle } from './throttle.ts';

export type { EventGridEvent } from './deviceCreatedEvent.ts';
export type { EmulatorOptions } from './emulatorOptions.ts';

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
  counters(): CounterReport;
  /** Hears of every device that a caller of the service creates, singly or in bulk, before the call is answered. */
  onDeviceCreated(listener: (event: EventGridEvent) => void): void;
  /** Drops all connections and removes the certificate. */
  close(): Promise<void>;
}

/** Starts an IoT hub on this machine. Rejects when an option makes no sense (RangeError) or the port is taken. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const settings = withDefaults(options);
  const { name, clock, random } = settings;
  const store = new IdentityStore(settings, clock, random);
  const counters = new Counters();
  const faults = new Faults(random);
  const keys = newPolicyKeys();
  const throttle = settings.throttling ? newThrottle(settings) : undefined;
  const hubAt = (port: number): Hub => ({
    settings,
    clock,
    store,
    throttle,
    sas: { keys, hostNames: hostNames(port) },
    counters,
    faults,
  });
  const certificate = await makeCertificate();
  const server = await listen({
    key: certificate.key,
    certificate: certificate.certificate,
    address: settings.listenAddress,
    port: settings.port,
    hubAt,
    onBug: (error) => process.emitWarning(error instanceof Error ? error : String(error), 'EmulatorBug'),
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
    counters: () => counters.report(store.created),
    onDeviceCreated: (listener) => store.onDeviceCreated((row) => listener(deviceCreatedEvent(row, name))),
    close: async () => {
      await server.close();
      await certificate.remove();
    },
  };
}

function newThrottle(settings: EmulatorSettings): Throttle {
  const rules = {
    burstMinutes: settings.throttleBurstMinutes,
    queueTimeoutMs: settings.throttleQueueTimeoutMs,
    queueLimit: settings.throttleQueueLimit,
  };
  return new Throttle(settings.limits, rules, settings.clock.now());
}

/** The names that the certificate carries, with the port; and without, for clients that leave it out of `sr`. */
function hostNames(port: number): string[] {
  const names = ['localhost', '127.0.0.1', '[::1]'];
  return [...names, ...names.map((name) => `${name}:${port}`)];
}

const connectionString = (hostName: string, policy: PolicyName, keys: PolicyKeys): string =>
  `HostName=${hostName};SharedAccessKeyName=${policy};SharedAccessKey=${keys[policy]}`;
