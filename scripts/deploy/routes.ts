import type { HubEntry } from './askHubs.ts';
import type { AzResult } from './azCli.ts';
import { azUntilDone, type DeployDeps } from './deployTemplate.ts';

/** The event hub that the hubs report to, and what they report. */
export interface RouteTarget {
  repair: 'deleted' | 'deletedAndChanged';
  /** Host name of its namespace. */
  namespace: string;
  eventHubId: string;
  /** Names endpoints and routes, so that those of two keepers on one hub differ. */
  functionAppName: string;
  /** The subscription of hubs that name none. */
  subscription: string;
}

/** The lifecycle events that the app uses (`concernsPolicy`). Most events of created modules are results of the app's own calls. */
const lifecycle =
  "opType = 'createDeviceIdentity' OR opType = 'deleteDeviceIdentity' OR opType = 'createModuleIdentity' OR opType = 'deleteModuleIdentity'";

/**
 * Makes each hub report to the event hub: assigns the role of a sender to the hub's own identity, and adds an endpoint and its routes.
 * Existing endpoints and routes do not change. Returns the names of the hubs for which this failed.
 */
export async function addRoutes(hubs: readonly HubEntry[], target: RouteTarget, deps: DeployDeps): Promise<string[]> {
  // This extension has the commands for endpoints and routes. The command succeeds if the extension is installed already.
  if (!(await azUntilDone(['extension', 'add', '--name', 'azure-iot', '--output', 'none'], deps))) {
    return hubs.map(({ name }) => name);
  }
  const failed: string[] = [];
  for (const hub of hubs) if (!(await addRoutesOf(hub, target, deps))) failed.push(hub.name);
  return failed;
}

async function addRoutesOf(hub: HubEntry, target: RouteTarget, deps: DeployDeps): Promise<boolean> {
  const { functionAppName: endpoint, namespace, eventHubId, repair } = target;
  const where = ['--resource-group', hub.resourceGroup, '--subscription', hub.subscriptionId ?? target.subscription];
  const [, , subscription = '', , group = ''] = eventHubId.split('/');
  const identity = [
    ...['iot', 'hub', 'identity', 'assign', '--name', hub.name, ...where, '--system-assigned'],
    ...['--role', 'Azure Event Hubs Data Sender', '--scopes', eventHubId, '--output', 'none'],
  ];
  const onHub = ['--hub-name', hub.name, ...where];
  const ofEndpoint = [...onHub, '--endpoint-name', endpoint];
  const makeEndpoint = [
    ...['iot', 'hub', 'message-endpoint', 'create', 'eventhub', ...ofEndpoint, '--identity', '[system]'],
    ...['--endpoint-uri', `sb://${namespace}`, '--entity-path', eventHubId.split('/').at(-1) ?? ''],
    ...['--endpoint-resource-group', group, '--endpoint-subscription-id', subscription, '--output', 'none'],
  ];
  const routes = [
    { name: `${endpoint}-lifecycle`, source: 'devicelifecycleevents', condition: lifecycle },
    ...(repair === 'deletedAndChanged'
      ? [{ name: `${endpoint}-twins`, source: 'twinchangeevents', condition: 'true' }]
      : []),
  ];
  if (!(await azUntilDone(identity, deps))) return false;
  const isEndpoint = await isThere(['iot', 'hub', 'message-endpoint', 'show', ...ofEndpoint], deps);
  if (!isEndpoint && !(await azUntilDone(makeEndpoint, deps))) return false;
  for (const { name, source, condition } of routes) {
    if (await isThere(['iot', 'hub', 'message-route', 'show', ...onHub, '--route-name', name], deps)) continue;
    const make = [
      ...['iot', 'hub', 'message-route', 'create', ...ofEndpoint, '--route-name', name, '--source-type', source],
      ...['--condition', condition, '--enabled', 'true', '--output', 'none'],
    ];
    if (!(await azUntilDone(make, deps))) return false;
  }
  return true;
}

async function isThere(show: readonly string[], { az }: DeployDeps): Promise<boolean> {
  const { status }: AzResult = await az([...show, '--output', 'none']);
  return status === 0;
}
