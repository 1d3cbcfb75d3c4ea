import type { Config, ConfigProblem, HubConfig } from '../../shared/config/config.ts';
import { describeSpec } from '../../shared/policy/describeSpec.ts';
import type { ModuleSpec, Policy } from '../../shared/policy/moduleSpec.ts';
import type { PolicyInForce, PolicySource } from '../../shared/policy/policyInForce.ts';
import type { CountedHub } from './countHubs.ts';

/** What the summary contains in addition to the settings. */
export interface SummaryContext {
  /** Where the settings come from. */
  source: string;
  policy: PolicyInForce;
  /** Where runs, leases and queues are kept. */
  storage: string;
  dryRun: boolean;
  /** When the next nightly sweep starts; milliseconds since 1970. */
  nextSweepMs: number;
}

const policyPlaces: Record<PolicySource, string> = {
  setting: 'by the settings',
  blob: 'by policy.json in the storage account',
  default: 'by default: neither a setting nor policy.json names another policy',
};

/** What is about to run, in lines for people: which hubs, how large, which policy, which budget. No key is in it. */
export function summaryLines(config: Config, hubs: readonly CountedHub[], context: SummaryContext): string[] {
  const { outOfService, warnings } = config;
  const { policy, source: policySource } = context.policy;
  return [
    `   settings   ${context.source}`,
    ...hubs.flatMap(hubLines),
    ...outOfService.flatMap(({ name = 'a hub', problems }) => [
      `   OUT OF SERVICE: ${name}`,
      ...problemLines(problems),
    ]),
    ...policy.map((spec) => `   policy     ${describeSpec(spec)}`),
    `              ${policyPlaces[policySource]}`,
    `   storage    ${context.storage}`,
    ...(context.dryRun
      ? ['   dry run    nothing is changed on any hub; each is listed within its budget']
      : [
          `   sweeps     the next one on ${minuteOf(context.nextSweepMs)} UTC, if this still runs then, or when you start one`,
          '   events     none: without Event Grid only sweeps find new devices',
        ]),
    ...(warnings.length === 0 ? [] : ['   Warnings:', ...problemLines(warnings)]),
  ];
}

/** Each problem in a line of its own. */
export function problemLines(problems: readonly ConfigProblem[]): string[] {
  return problems.map(({ setting, message }) => `              ${setting}: ${message}`);
}

function hubLines(counted: CountedHub): string[] {
  const { hub, createsPerMinute } = counted;
  const access = hub.auth.kind === 'sas' ? `SAS policy ${policyName(hub.auth.connectionString)}` : 'Microsoft Entra ID';
  const name = `   hub        ${hub.name}: ${hub.hostName}, tier ${hub.tier}, ${count(hub.units, 'unit')}, ${access}`;
  if ('refusal' in counted) return [name, `              CANNOT BE READ: ${counted.refusal}`];
  const { devices, modules } = counted.size;
  const modulesText = modules === null ? 'modules not counted' : count(modules, 'module');
  return [
    hub.paused ? `${name}, PAUSED` : name,
    `              ${count(devices, 'device')}, ${modulesText}`,
    `   budget     ${hub.budgetPercent} % of its throttle: ${count(createsPerMinute, 'create')} a minute; if every device lacks its modules, a sweep takes ${hours(counted.hoursAtMost)}`,
  ];
}

/** The name of the shared access policy; not its key. */
const policyName = (connectionString: string): string =>
  /SharedAccessKeyName=([^;]+)/.exec(connectionString)?.[1] ?? '';

function count(value: number, word: string): string {
  return `${value.toLocaleString('en')} ${word}${value === 1 ? '' : 's'}`;
}

function hours(value: number): string {
  return value < 1 ? `${Math.ceil(value * 60)} min` : `${value.toFixed(1)} h`;
}

const minuteOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');

const verbs: Record<ModuleSpec['ensure'], string> = {
  present: 'creates module identities',
  patched: 'writes twins of modules',
  absent: 'REMOVES module identities',
};

/** What a sweep does to hubs with this policy. */
export function deedsOf(policy: Policy): string {
  return [...new Set(policy.map(({ ensure }) => verbs[ensure]))].join(' and ');
}

/** Names of the hubs that the app will change. */
export function changedHubs(hubs: readonly { hub: HubConfig }[]): string {
  return hubs
    .filter(({ hub }) => !hub.paused)
    .map(({ hub }) => hub.name)
    .join(', ');
}
