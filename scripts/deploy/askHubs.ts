import { tiers } from '../../shared/config/tierLimits.ts';
import type { Az } from './azCli.ts';

/** An entry of hubs.json; only the members that are used here. */
export interface HubEntry {
  name: string;
  resourceGroup: string;
  subscriptionId?: string;
  tier?: string;
  systemTopic?: string;
}

/** What to correct before the deployment. A warning may be wrong, since only Azure decides; a problem stops the deployment. */
export interface Asked {
  problems: string[];
  warnings: string[];
}

interface Topic {
  name: string;
  resourceGroup: string;
  source: string;
  identity?: { type?: string } | null;
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/**
 * Checks in Azure, before anything is created, what the three phases need: that each hub exists and its tier has modules, that an
 * existing system topic can be used, that Event Grid is registered, and that the user may assign roles. Changes nothing.
 */
export async function askHubs(hubs: readonly HubEntry[], subscriptionId: string | undefined, az: Az): Promise<Asked> {
  const asked: Asked = { problems: [], warnings: [] };
  const account = await json<{ id: string }>(az, ['account', 'show']);
  if (account === undefined) return { ...asked, problems: ['The Azure CLI is not signed in: az login'] };
  if (hubs.some(({ name }) => name === 'my-hub')) {
    return {
      ...asked,
      problems: ['infra/hubs.json is still the sample: write the names and resource groups of your hubs'],
    };
  }
  const own = subscriptionId ?? account.id;
  await askRights(`/subscriptions/${own}`, 'the subscription of the keeper', asked, az);
  for (const subscription of new Set(hubs.map((hub) => hub.subscriptionId ?? own))) {
    const its = hubs.filter((hub) => (hub.subscriptionId ?? own) === subscription);
    await askRegistration(subscription, asked, az);
    const topics = await json<Topic[]>(az, ['eventgrid', 'system-topic', 'list', '--subscription', subscription]);
    if (topics === undefined)
      asked.warnings.push(`The system topics of subscription ${subscription} could not be read.`);
    for (const group of new Set(its.map(({ resourceGroup }) => resourceGroup.toLowerCase()))) {
      await askRights(`/subscriptions/${subscription}/resourceGroups/${group}`, `resource group ${group}`, asked, az);
    }
    for (const hub of its) await askHub(hub, subscription, topics, asked, az);
  }
  return asked;
}

async function askHub(
  hub: HubEntry,
  subscription: string,
  topics: Topic[] | undefined,
  { problems }: Asked,
  az: Az,
): Promise<void> {
  const { name, resourceGroup } = hub;
  const id = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Devices/IotHubs/${name}`;
  const found = await json<{ sku?: { name?: string } }>(az, ['resource', 'show', '--ids', id]);
  if (found === undefined) {
    problems.push(`Hub ${name} was not found in resource group ${resourceGroup} of subscription ${subscription}`);
    return;
  }
  const tier = hub.tier ?? found.sku?.name ?? '';
  if (!(tiers as readonly string[]).includes(tier)) {
    problems.push(
      `Hub ${name} has the tier ${tier}, which the keeper does not know: write "tier" with the one that has the same limits (${tiers.join(', ')})`,
    );
  } else if (tier.startsWith('B')) {
    problems.push(`Hub ${name} is of the Basic tier ${tier}, which has no modules: leave it out`);
  }
  if (topics !== undefined) problems.push(...topicProblems(hub, id, topics));
}

/** A hub can have only one system topic: a second one is refused when the events are deployed. */
function topicProblems({ name, resourceGroup, systemTopic }: HubEntry, id: string, topics: Topic[]): string[] {
  const topic = topics.find(({ source }) => same(source, id));
  if (topic === undefined) {
    return systemTopic === undefined ? [] : [`Hub ${name} has no system topic ${systemTopic}: leave "systemTopic" out`];
  }
  if (systemTopic === undefined && topic.name.startsWith(`keeper-${name.toLowerCase().slice(0, 29)}-`)) return [];
  const told: string[] = [];
  if (systemTopic === undefined || !same(systemTopic, topic.name)) {
    told.push(
      `Hub ${name} has the system topic ${topic.name} already: write "systemTopic": "${topic.name}" into its entry of infra/hubs.json`,
    );
  }
  if (!same(topic.resourceGroup, resourceGroup)) {
    told.push(
      `The system topic ${topic.name} of hub ${name} is in resource group ${topic.resourceGroup}; it has to be in that of the hub, ${resourceGroup}`,
    );
  }
  if (!/SystemAssigned/i.test(topic.identity?.type ?? '')) {
    told.push(
      `The system topic ${topic.name} of hub ${name} has no identity to write dead letters with: az eventgrid system-topic update --name ${topic.name} --resource-group ${topic.resourceGroup} --identity systemassigned`,
    );
  }
  return told;
}

async function askRegistration(subscription: string, { problems, warnings }: Asked, az: Az): Promise<void> {
  const provider = await json<{ registrationState: string }>(az, [
    ...['provider', 'show', '--namespace', 'Microsoft.EventGrid', '--subscription', subscription],
  ]);
  if (provider === undefined)
    warnings.push(`Whether Event Grid is registered in subscription ${subscription} could not be read.`);
  else if (provider.registrationState !== 'Registered') {
    problems.push(
      `Event Grid is not registered in subscription ${subscription}: az provider register --namespace Microsoft.EventGrid --subscription ${subscription} --wait`,
    );
  }
}

const assignRoles = 'Microsoft.Authorization/roleAssignments/write';

async function askRights(scope: string, what: string, { warnings }: Asked, az: Az): Promise<void> {
  const url = `${scope}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`;
  const rights = await json<{ value: { actions: string[]; notActions: string[] }[] }>(az, ['rest', '--url', url]);
  const matches = (patterns: string[]) =>
    patterns.some((pattern) =>
      new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`, 'i').test(assignRoles),
    );
  if (rights === undefined) warnings.push(`Your rights on ${what} could not be read.`);
  else if (!rights.value.some(({ actions, notActions }) => matches(actions) && !matches(notActions))) {
    warnings.push(
      `You seem not to have the right to assign roles on ${what}: Owner has it, or Contributor together with Role Based Access Control Administrator`,
    );
  }
}

/** The JSON that az prints; undefined if it fails. */
async function json<T>(az: Az, args: string[]): Promise<T | undefined> {
  const { status, stdout } = await az([...args, '--output', 'json']);
  return status === 0 ? (JSON.parse(stdout) as T) : undefined;
}
