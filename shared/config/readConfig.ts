import { readAssistantTools } from './assistantSettings.ts';
import type { ConfigProblem, ConfigResult } from './config.ts';
import { readFunctionTimeout } from './functionTimeout.ts';
import { type HubsRead, readHubs } from './hubsSetting.ts';
import { reportMisspelt } from './misspelt.ts';
import { readPolicy } from './policySettings.ts';
import type { HubDefaults } from './readHub.ts';
import { pickSettings, type Report, readWholeNumber, type Settings } from './settings.ts';
import { readSingleHub, singleHubSettings } from './singleHubSettings.ts';
import { readStorage } from './storageSettings.ts';
import { readSweepSchedule } from './sweepSchedule.ts';
import { readTelemetry } from './telemetrySetting.ts';
import { readTokenDomains } from './tokenDomains.ts';
import { readTwinChanges } from './twinChangesSettings.ts';
import { reportKeyVaultReferences, warnOfProxy } from './unusableValues.ts';

/** Difference between the function timeout and the longest slice: time to finish the calls and write the checkpoint. */
const sliceMarginSeconds = 60;
const defaultSliceSeconds = 240;

const budgetPercentRule = { min: 1, max: 100, fallback: 50 };

/**
 * Reads the configuration from an environment such as `process.env`. Returns every problem, not only the first; no
 * message quotes a value. A variable that is empty or only white space counts as not set. `hostJson` is the text of
 * host.json; undefined if the file was not found.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>, hostJson?: string): ConfigResult {
  const problems: ConfigProblem[] = [];
  const warnings: ConfigProblem[] = [];
  const settings = pickSettings(env);
  const unresolved = reportKeyVaultReferences(settings, (setting, message) => problems.push({ setting, message }));
  const report: Report = (setting, message) => {
    // An unresolved reference fails the other checks of its setting too; one problem is enough.
    if (!unresolved.has(setting)) problems.push({ setting, message });
  };
  const warn: Report = (setting, message) => warnings.push({ setting, message });

  reportMisspelt(env, report);
  const budgetPercent = readWholeNumber('HUB_BUDGET_PERCENT', settings.HUB_BUDGET_PERCENT, budgetPercentRule, report);
  const tokenDomains = readTokenDomains(settings.HUB_TOKEN_DOMAINS, report);
  const defaults = { budgetPercent: budgetPercent ?? budgetPercentRule.fallback, tokenDomains };
  const { hubs, outOfService } = readAllHubs(settings, defaults, report);
  const policySetting = readPolicy(settings, report, warn);
  const sweepTimes = readSweepSchedule(settings.SWEEP_SCHEDULE, report);
  const functionTimeoutSeconds = readFunctionTimeout(env, hostJson, warn);
  const sliceSeconds = readSliceSeconds(settings, functionTimeoutSeconds, report);
  const storage = readStorage(settings, report);
  const telemetry = readTelemetry(settings, report);
  const twinChanges = readTwinChanges(settings, report, warn);
  const assistantTools = readAssistantTools(settings, report);
  const registered = {
    ...sweepTimes,
    ...(twinChanges ? { twinChanges } : {}),
    ...(assistantTools ? { assistantTools } : {}),
  };
  warnOfProxy(env, warn);

  if (problems.length > 0 || storage === undefined || sliceSeconds === undefined) {
    return { ok: false, problems, ...registered };
  }
  return {
    ok: true,
    config: {
      ...{ hubs, outOfService, storage, sliceSeconds, functionTimeoutSeconds, warnings },
      ...(policySetting ? { policySetting } : {}),
      ...(telemetry ? { telemetry } : {}),
    },
    ...registered,
  };
}

function readAllHubs(settings: Settings, defaults: HubDefaults, report: Report): HubsRead {
  const { HUBS: json } = settings;
  if (json === undefined) return { hubs: readSingleHub(settings, defaults, report), outOfService: [] };
  for (const name of singleHubSettings) {
    if (settings[name] !== undefined)
      report(name, 'cannot be used together with HUBS; move it into an entry of HUBS, or leave it out');
  }
  return readHubs(json, defaults, report);
}

function readSliceSeconds(settings: Settings, timeoutSeconds: number, report: Report): number | undefined {
  const max = Math.max(1, timeoutSeconds - sliceMarginSeconds);
  const rule = { min: 1, max, fallback: Math.min(defaultSliceSeconds, max) };
  return readWholeNumber('SLICE_SECONDS', settings.SLICE_SECONDS, rule, report);
}
