import type { Config, ConfigProblem } from '../../shared/config/config.ts';
import { parseLocalSettings } from '../../shared/config/localSettings.ts';
import { readConfig } from '../../shared/config/readConfig.ts';
import { settingNames } from '../../shared/config/settingNames.ts';
import { describeSpec } from '../../shared/policy/describeSpec.ts';
import { defaultInForce, parsePolicyText } from '../../shared/policyStore/standing.ts';
import { deployedHubsAsSetting } from './deployedHubs.ts';

/**
 * `settings`: a local.settings.json. `hubs`: the value of HUBS. `deployedHubs`: the hubs.json of the deployment (infra/hubs.json).
 * `policy`: the value of POLICY, or policy.json.
 */
export const fileKinds = ['settings', 'hubs', 'deployedHubs', 'policy'] as const;
export type FileKind = (typeof fileKinds)[number];

/** What the app's own checks say of a file. */
export interface CheckResult {
  kind: FileKind;
  problems: readonly ConfigProblem[];
  /** Settings that the app accepts but that probably do not do what is meant. */
  warnings: readonly ConfigProblem[];
  /** What the file says, a line for each hub and module; without problems only. */
  says: readonly string[];
}

/**
 * What kind of file the text is, by its content; undefined if that does not tell. `hubs` and `policy` are both lists, of objects
 * with different members.
 */
export function kindOf(text: string): FileKind | undefined {
  const json = parsed(text);
  if (Array.isArray(json)) {
    const names = new Set(json.flatMap((entry) => (isObject(entry) ? Object.keys(entry) : [])));
    if (names.has('resourceGroup')) return 'deployedHubs';
    if (names.has('hostName') || names.has('connectionString')) return 'hubs';
    return names.has('moduleId') ? 'policy' : undefined;
  }
  if (!isObject(json)) return undefined;
  return ['Values', 'IsEncrypted', ...settingNames].some((name) => name in json) ? 'settings' : undefined;
}

/** Checks the text with the checks of the app. `hostJson`: the text of the host.json beside it. No message quotes a value. */
export function checkText(kind: FileKind, text: string, hostJson: string | undefined): CheckResult {
  switch (kind) {
    case 'settings': {
      const read = parseLocalSettings(text);
      if (!read.ok)
        return refused(
          kind,
          read.problems.map(({ path, message }) => ({ setting: path.replace(/^\./, ''), message })),
        );
      return checkSettings(kind, read.value, hostJson);
    }
    case 'hubs':
      return checkHubs(kind, text);
    case 'deployedHubs': {
      const { problems, json } = deployedHubsAsSetting(parsed(text));
      const checked = checkHubs(kind, JSON.stringify(json));
      return problems.length === 0 ? checked : { ...checked, problems: [...problems, ...checked.problems], says: [] };
    }
    case 'policy': {
      const read = parsePolicyText(text);
      if (read.ok) return { kind, problems: [], warnings: [], says: read.value.policy.map(describeSpec) };
      return refused(
        kind,
        read.problems.map(({ setting, message }) => ({ setting: setting.replace(/^policy\.json/, ''), message })),
      );
    }
  }
}

function checkSettings(kind: FileKind, settings: Record<string, string>, hostJson: string | undefined): CheckResult {
  const read = readConfig(settings, hostJson);
  if (!read.ok) return refused(kind, read.problems);
  const { config } = read;
  const problems = config.outOfService.flatMap((hub) => hub.problems);
  const { policy } = config.policySetting ?? defaultInForce();
  const note = config.policySetting ? '' : ' (unless policy.json in the storage account says otherwise)';
  const says = [...hubLines(config), ...policy.map((spec) => `policy ${describeSpec(spec)}${note}`)];
  return { kind, problems, warnings: config.warnings, says: problems.length > 0 ? [] : says };
}

/** Checks a list of hubs as the setting HUBS; the paths in messages are those in the list. */
function checkHubs(kind: FileKind, text: string): CheckResult {
  // An empty setting would count as not set.
  const settings = { AzureWebJobsStorage: 'UseDevelopmentStorage=true', HUBS: text.trim() || 'nothing' };
  const read = readConfig(settings);
  const problems = read.ok ? read.config.outOfService.flatMap((hub) => hub.problems) : read.problems;
  if (!read.ok || problems.length > 0) {
    return refused(
      kind,
      problems.map(({ setting, message }) => ({ setting: setting.replace(/^HUBS/, ''), message })),
    );
  }
  const says = kind === 'deployedHubs' ? read.config.hubs.map(({ name }) => `hub ${name}`) : hubLines(read.config);
  return { kind, problems: [], warnings: [], says };
}

const refused = (kind: FileKind, problems: readonly ConfigProblem[]): CheckResult => {
  return { kind, problems, warnings: [], says: [] };
};

function hubLines({ hubs }: Config): string[] {
  return hubs.map(({ name, hostName, auth, tier, units, budgetPercent, paused }) => {
    const access = auth.kind === 'sas' ? 'a SAS key' : 'Microsoft Entra ID';
    return `hub ${name}: ${hostName}, tier ${tier} × ${units}, ${budgetPercent} % of its throttle, by ${access}${paused ? ', paused' : ''}`;
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
