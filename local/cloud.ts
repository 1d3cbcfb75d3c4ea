import { systemClock } from '../shared/clock.ts';
import { startAzurite } from './azurite/startAzurite.ts';
import { type Emulator, type EmulatorOptions, startEmulator } from './emulator/emulator.ts';
import { type Subscription, type SubscriptionOptions, startSubscription } from './eventGrid/startSubscription.ts';
import { type EventHub, startEventHub } from './eventHub/startEventHub.ts';
import { hostKeys } from './host/hostKeys.ts';
import { type HostProcess, startHostProcess } from './host/hostProcess.ts';

/** Which hub and which app to run. */
export interface CloudOptions {
  hub: EmulatorOptions;
  /** Called when the hub runs, before everything else starts. */
  seed?: (emulator: Emulator) => void;
  /** Path of the app's entry: a bundle, or TypeScript source. */
  app: string;
  /** Path of its host.json; by default the one in the current folder. */
  hostJson?: string;
  /** Adds to the app's settings or overrides them; may depend on the hub. */
  settings?: Record<string, string> | ((emulator: Emulator) => Record<string, string>);
  /** Secret from which the host's keys are derived (`hostKeys`). Default: requests need no key. */
  hostKeySecret?: string;
  /** How long the host waits at its end for running invocations. Default 0: their results are not needed. */
  drainMs?: number;
  /**
   * How many instances of the app run. All HTTP requests and Event Grid events go to the first one. Default 1.
   */
  instances?: number;
  /** Default 0: any free port. */
  hostPort?: number;
  /**
   * Whether the hub routes its lifecycle events and twin changes to an event hub that the app reads (`twinChanged`). Default
   * false.
   */
  routes?: boolean;
  /** The schema of the delivered events. */
  schema?: NonNullable<SubscriptionOptions['schema']>;
  /** Called for each line that host and app write. */
  onLine?: (line: string) => void;
}

/**
 * Everything that the app needs of Azure: IoT hub, storage account, Functions host, and Event Grid between hub and app; with
 * `routes` also an event hub.
 */
export interface Cloud {
  emulator: Emulator;
  storageConnectionString: string;
  /** The current host of the first instance; `restartHosts` replaces it. */
  readonly host: HostProcess;
  events: Subscription;
  /** With `routes`: where the hub's events go. */
  eventHub?: EventHub;
  /** Kills the hosts of all instances, like a crash, or like a deployment with the strategy `Recreate`. */
  killHosts(): Promise<void>;
  /** Kills them and starts new ones, the first on the same port. */
  restartHosts(): Promise<void>;
  /** Ends all parts and removes their data. Safe to call twice. */
  close(): Promise<void>;
}

/** Starts the stand-ins on this machine, and the app with them. If one part does not start, ends the others and rejects. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const closers: (() => Promise<void>)[] = [];
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= closeAll(closers);
    return closing;
  };
  try {
    const emulator = await startEmulator(options.hub);
    closers.unshift(() => emulator.close());
    options.seed?.(emulator);
    const azurite = await startAzurite();
    closers.unshift(() => azurite.close());
    const eventHub = options.routes ? await startEventHub({ clock: systemClock }) : undefined;
    if (eventHub) {
      closers.unshift(() => eventHub.close());
      emulator.onRoutedEvent((event) => eventHub.send(event));
    }
    const startHost = (port: number) =>
      startHostProcess({
        app: options.app,
        port,
        settings: {
          AzureWebJobsStorage: azurite.connectionString,
          IOTHUB_CONNECTION_STRING: emulator.connectionString,
          HUB_NAME: options.hub.name,
          HUB_TIER: options.hub.tier ?? 'S1',
          HUB_UNITS: String(options.hub.units ?? 1),
          ...(eventHub ? { TWIN_CHANGES_CONNECTION: eventHub.connectionString } : {}),
          ...(typeof options.settings === 'function' ? options.settings(emulator) : options.settings),
        },
        env: { NODE_EXTRA_CA_CERTS: emulator.caFile },
        drainMs: options.drainMs ?? 0,
        ...(options.hostKeySecret === undefined ? {} : { keySecret: options.hostKeySecret }),
        ...(options.hostJson ? { hostJson: options.hostJson } : {}),
        ...(options.onLine ? { onLine: options.onLine } : {}),
      });
    const startHosts = (port: number) =>
      Promise.all([
        startHost(port),
        ...Array.from({ length: (options.instances ?? 1) - 1 }, () => startHost(0)),
      ] as const);
    const firstHosts = await startHosts(options.hostPort ?? 0);
    const [first] = firstHosts;
    let hosts: readonly [HostProcess, ...HostProcess[]] = firstHosts;
    const killHosts = async () => {
      await Promise.all(hosts.map((host) => host.kill('SIGKILL')));
    };
    closers.unshift(async () => {
      await Promise.all(hosts.map((host) => host.close()));
    });
    const code = options.hostKeySecret === undefined ? '' : `&code=${hostKeys(options.hostKeySecret).eventGrid}`;
    const events = startSubscription({
      endpoint: `${first.url}/runtime/webhooks/EventGrid?functionName=deviceCreated${code}`,
      clock: systemClock,
      random: Math.random,
      ...(options.schema ? { schema: options.schema } : {}),
    });
    closers.unshift(() => events.close());
    emulator.onDeviceCreated((event) => events.publish(event));
    return {
      emulator,
      storageConnectionString: azurite.connectionString,
      get host() {
        return hosts[0];
      },
      events,
      ...(eventHub ? { eventHub } : {}),
      killHosts,
      restartHosts: async () => {
        await killHosts();
        hosts = await startHosts(Number(new URL(first.url).port));
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function closeAll(closers: readonly (() => Promise<void>)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const close of closers) {
    try {
      await close();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, 'Some parts could not be closed.');
}
