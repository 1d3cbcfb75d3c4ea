import type { ConfigProblem, ConfigResult } from './config.ts';
import { readHubs } from './hubsSetting.ts';
import { reportMisspelt } from './misspelt.ts';
import { readPolicy } from './policySettings.ts';
import type { Report } from './report.ts';
import { pickSettings, type Settings } from './settingNames.ts';
import { readSingleHub, singleHubSettings } from './singleHubSettings.ts';
import { readStorage } from './storageSettings.ts';
import { checkSweepSchedule } from './sweepSchedule.ts';
import { readTelemetry } from './telemetrySetting.ts';
import { readWholeNumber } from './wholeNumber.ts';

/** `functionTimeout` in host.json. */
export const functionTimeoutSeconds = 600;
/** What a slice leaves of it to finish the call that is under way and to write its checkpoint. */
const sliceMarginSeconds = 60;

const budgetPercentRule = { min: 1, max: 100, fallback: 50 };
const sliceSecondsRule = { min: 1, max: functionTimeoutSeconds - sliceMarginSeconds, fallback: 240 };

/**
 * Reads the configuration out of an environment such as `process.env`. Every problem is reported, not only the first;
 * none of the messages quotes a value. Variables that are empty or only blanks count as not set.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ConfigResult {
  const problems: ConfigProblem[] = [];
  const report: Report = (setting, message) => problems.push({ setting, message });
  const settings = pickSettings(env);

  reportMisspelt(env, report);
  const budgetPercent = readWholeNumber('HUB_BUDGET_PERCENT', settings.HUB_BUDGET_PERCENT, budgetPercentRule, report);
  const hubs = readAllHubs(settings, budgetPercent ?? budgetPercentRule.fallback, report);
  const policy = readPolicy(settings, report);
  checkSweepSchedule(settings.SWEEP_SCHEDULE, report);
  const sliceSeconds = readWholeNumber('SLICE_SECONDS', settings.SLICE_SECONDS, sliceSecondsRule, report);
  const storage = readStorage(settings, report);
  const telemetry = readTelemetry(settings, report);

  if (problems.length > 0 || storage === undefined || sliceSeconds === undefined) return { ok: false, problems };
  return { ok: true, config: { hubs, policy, storage, sliceSeconds, ...(telemetry ? { telemetry } : {}) } };
}

function readAllHubs(settings: Settings, budgetPercent: number, report: Report) {
  const { HUBS: json } = settings;
  if (json === undefined) return readSingleHub(settings, budgetPercent, report);
  for (const name of singleHubSettings) {
    if (settings[name] !== undefined)
      report(name, 'cannot stand beside HUBS; move it into an entry of HUBS, or leave it out');
  }
  return readHubs(json, budgetPercent, report);
}
