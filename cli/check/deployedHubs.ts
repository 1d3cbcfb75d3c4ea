import type { ConfigProblem } from '../../shared/config/config.ts';

/**
 * Members of an entry that only the deployment reads (`hub` in infra/types.bicep), each with a check of its value: the text says
 * what to write instead.
 */
const deploymentOnly: Record<string, (value: unknown) => string | undefined> = {
  resourceGroup: (value) => (isText(value) ? undefined : 'write the name of the resource group of the hub'),
  subscriptionId: (value) =>
    isText(value) ? undefined : 'write the id of the subscription of the hub, or leave it out',
  systemTopic: (value) =>
    isText(value) ? undefined : 'write the name of the system topic of the hub, or leave it out',
  writesTwins: (value) => (typeof value === 'boolean' ? undefined : 'write true or false'),
};

/**
 * The hubs of the deployment as the value of HUBS, which the template makes of them, with what is wrong with the members that only
 * the template reads. The tier and units of an entry without them are those of the hub itself, so they are not checked here.
 */
export function deployedHubsAsSetting(hubs: unknown): { problems: ConfigProblem[]; json: unknown } {
  if (!Array.isArray(hubs)) return { problems: [], json: hubs };
  const problems: ConfigProblem[] = [];
  const json = hubs.map((entry: unknown, index) => {
    if (typeof entry !== 'object' || entry === null) return entry;
    const { name } = entry as { name?: unknown };
    if (!isText(name)) problems.push({ setting: `[${index}].name`, message: 'write the name of the hub' });
    if (!('resourceGroup' in entry)) {
      problems.push({
        setting: `[${index}].resourceGroup`,
        message: 'write the name of the resource group of the hub',
      });
    }
    const kept = Object.entries(entry).filter(([member, value]) => {
      if (!Object.hasOwn(deploymentOnly, member)) return true;
      const message = deploymentOnly[member]?.(value);
      if (message !== undefined) problems.push({ setting: `[${index}].${member}`, message });
      return false;
    });
    return { ...Object.fromEntries(kept), ...(isText(name) ? { hostName: `${name}.azure-devices.net` } : {}) };
  });
  return { problems, json };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
