import { connectionStringParts } from './connectionStringParts.ts';
import type { Report, Settings } from './settings.ts';

/** The event hub that triggers `twinChanged`. IoT hubs route the events of their identities to it; the host connects to it. */
export interface TwinChangesConfig {
  eventHub: string;
  consumerGroup: string;
}

/** The default consumer group. The app needs its own group, because two readers of one group compete for its partitions. */
const defaultConsumerGroup = 'module-keeper';

/** Names of event hubs and consumer groups ("Naming rules and restrictions for Azure resources"). */
const namePattern = /^[\w.$-]{1,256}$/;
const hostPattern = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i;
const guidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Names of the namespaces of built-in endpoints, as in examples of Microsoft's pages. No page documents the rule. */
const builtInPattern = /^(iothub-ns-|ihsu)/i;

/**
 * Reads the settings of the trigger `twinChanged` and checks their form. The host reads the connection itself, by the name
 * `TWIN_CHANGES_CONNECTION`, and prefers the connection string. Returns undefined if there is no connection or after a problem
 * was reported; the function is then not registered. With a connection that it cannot read, the host would not start, and
 * `health` could not report the problem.
 */
export function readTwinChanges(settings: Settings, report: Report, warn: Report): TwinChangesConfig | undefined {
  let isWrong = false;
  const note: Report = (...problem) => {
    isWrong = true;
    report(...problem);
  };
  const config = readTrigger(settings, note, warn);
  return isWrong ? undefined : config;
}

function readTrigger(settings: Settings, report: Report, warn: Report): TwinChangesConfig | undefined {
  const { TWIN_CHANGES_CONNECTION: connection, TWIN_CHANGES_CONSUMER_GROUP: group } = settings;
  const namespace = settings.TWIN_CHANGES_CONNECTION__fullyQualifiedNamespace;
  if (connection === undefined && namespace === undefined) {
    if (settings.TWIN_CHANGES_EVENT_HUB !== undefined) report('TWIN_CHANGES_EVENT_HUB', unconnected);
    return undefined;
  }
  if (connection === undefined) checkIdentity(settings, report, warn);
  const eventHub = readEventHub(
    settings,
    connection === undefined ? undefined : entityPath(connection, report),
    report,
  );
  const consumerGroup = group ?? defaultConsumerGroup;
  const isGroup = namePattern.test(consumerGroup);
  if (!isGroup) report('TWIN_CHANGES_CONSUMER_GROUP', 'write the name of a consumer group of the event hub');
  return eventHub !== undefined && isGroup ? { eventHub, consumerGroup } : undefined;
}

/** Returns the `EntityPath` of the connection string. The host prefers it to the event hub name of the trigger. */
function entityPath(connection: string, report: Report): string | undefined {
  const parts = connectionStringParts(connection);
  const wrong = connectionProblem(parts);
  if (wrong !== undefined) report('TWIN_CHANGES_CONNECTION', wrong);
  return parts?.get('entitypath');
}

function connectionProblem(parts: Map<string, string> | undefined): string | undefined {
  if (parts === undefined) return `is not a connection string; ${needed}`;
  if (parts.has('hostname')) return `is the connection string of the IoT hub itself; ${needed}`;
  if (!/^sb:\/\/[^/]+\/?$/i.test(parts.get('endpoint') ?? '')) return `has no Endpoint such as sb://…/; ${needed}`;
  const hasKey = Boolean(parts.get('sharedaccesskeyname') && parts.get('sharedaccesskey'));
  return hasKey || parts.get('sharedaccesssignature')
    ? undefined
    : `has no SharedAccessKeyName and SharedAccessKey; ${needed}`;
}

function readEventHub(settings: Settings, path: string | undefined, report: Report): string | undefined {
  const { TWIN_CHANGES_EVENT_HUB: written } = settings;
  if (written !== undefined && path !== undefined && written.toLowerCase() !== path.toLowerCase()) {
    report(
      'TWIN_CHANGES_EVENT_HUB',
      'is another event hub than the EntityPath of TWIN_CHANGES_CONNECTION; leave it out',
    );
    return undefined;
  }
  const eventHub = written ?? path;
  if (eventHub !== undefined && namePattern.test(eventHub)) return eventHub;
  if (eventHub !== undefined) report('TWIN_CHANGES_EVENT_HUB', 'write the name of the event hub');
  else report(connectionName(settings), 'names no event hub: write the name into TWIN_CHANGES_EVENT_HUB');
  return undefined;
}

const connectionName = ({ TWIN_CHANGES_CONNECTION: connection }: Settings) =>
  connection === undefined ? 'TWIN_CHANGES_CONNECTION__fullyQualifiedNamespace' : 'TWIN_CHANGES_CONNECTION';

function checkIdentity(settings: Settings, report: Report, warn: Report): void {
  const name = 'TWIN_CHANGES_CONNECTION__fullyQualifiedNamespace';
  const namespace = settings[name] ?? '';
  if (!hostPattern.test(namespace))
    report(name, 'write the host name of the namespace, such as contoso.servicebus.windows.net');
  else if (builtInPattern.test(namespace)) warn(name, builtIn);
  const { TWIN_CHANGES_CONNECTION__credential: credential, TWIN_CHANGES_CONNECTION__clientId: clientId } = settings;
  if (credential !== undefined && credential.toLowerCase() !== 'managedidentity')
    report('TWIN_CHANGES_CONNECTION__credential', 'write managedidentity, or leave it out');
  if (clientId !== undefined && !guidPattern.test(clientId))
    report('TWIN_CHANGES_CONNECTION__clientId', 'write the client id (a GUID) of the user-assigned identity');
}

const needed =
  'copy the "Event Hub-compatible endpoint" of the hub ("Built-in endpoints"), or the connection string of an event hub';
const unconnected =
  'has no connection: write the connection string of the event hub into TWIN_CHANGES_CONNECTION, or its namespace into TWIN_CHANGES_CONNECTION__fullyQualifiedNamespace for managed identity, or leave it out';
const builtIn =
  'looks like the built-in endpoint of an IoT hub, which accepts no token of Microsoft Entra ID: write its connection string into TWIN_CHANGES_CONNECTION, or route the events to an event hub';
