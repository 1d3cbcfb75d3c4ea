import { systemClock } from '../shared/clock.ts';
import { settingNames } from '../shared/config/settingNames.ts';
import { startAzurite } from './azurite/startAzurite.ts';
import { type Emulator, type EmulatorOptions, startEmulator } from './emulator/emulator.ts';
import { type Subscription, type SubscriptionOptions, startSubscription } from './eventGrid/startSubscription.ts';
import { type HostProcess, startHostProcess } from './host/hostProcess.ts';

export interface CloudOptions {
  hub: EmulatorOptions;
  /** Runs when the hub is there and nothing else yet. */
  seed?: (emulator: Emulator) => void;
  /** Path of the app's entry: bundle or source. */
  app: string;
  /** Path of its host.json; by default the one in the current folder. */
  hostJson?: string;
  /** More of the app's settings, or other ones; may depend on the hub. */
  settings?: Record<string, string> | ((emulator: Emulator) => Record<string, string>);
  /** 0 (the default) takes any free one. */
  hostPort?: number;
  /** The schema in which events are delivered. */
  schema?: NonNullable<SubscriptionOptions['schema']>;
  /** Each line that host and app write. */
  onLine?: (line: string) => void;
}

/** An IoT hub, a storage account, a Functions host with our app, and Event Grid between hub and app. */
export interface Cloud {
  emulator: Emulator;
  storageConnectionString: string;
  /** The host at present; `restartHost` replaces it. */
  readonly host: HostProcess;
  events: Subscription;
  /** Kills the host at once, as a crash does, and starts it anew on the same port. */
  restartHost(): Promise<void>;
  /** Ends and removes all four; safe to call twice. */
  close(): Promise<void>;
}

/** Starts everything that the app needs of Azure on this machine; leaves nothing behind if a part does not start. */
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
    const startHost = (port: number) =>
      startHostProcess({
        app: options.app,
        port,
        settings: {
          ...unsetSettings(),
          AzureWebJobsStorage: azurite.connectionString,
          IOTHUB_CONNECTION_STRING: emulator.connectionString,
          HUB_NAME: options.hub.name,
          HUB_TIER: options.hub.tier ?? 'S1',
          HUB_UNITS: String(options.hub.units ?? 1),
          ...(typeof options.settings === 'function' ? options.settings(emulator) : options.settings),
        },
        env: { NODE_EXTRA_CA_CERTS: emulator.caFile },
        ...(options.hostJson ? { hostJson: options.hostJson } : {}),
        ...(options.onLine ? { onLine: options.onLine } : {}),
      });
    const first = await startHost(options.hostPort ?? 0);
    let host = first;
    closers.unshift(() => host.close());
    const events = startSubscription({
      endpoint: `${first.url}/runtime/webhooks/EventGrid?functionName=deviceCreated`,
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
        return host;
      },
      events,
      restartHost: async () => {
        await host.kill('SIGKILL');
        host = await startHost(Number(new URL(first.url).port));
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What the shell of whoever runs this may hold must not reach the app; an empty setting counts as unset. */
function unsetSettings(): Record<string, string> {
  return Object.fromEntries(settingNames.map((name) => [name, '']));
}

async function closeAll(closers: readonly (() => Promise<void>)[]): Promise<void> {
  const troubles: unknown[] = [];
  for (const close of closers) {
    try {
      await close();
    } catch (error) {
      troubles.push(error);
    }
  }
  if (troubles.length > 0) throw new AggregateError(troubles, 'Not everything could be closed.');
}
