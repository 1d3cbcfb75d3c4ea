import type { ConfigProblem, ConfigResult } from './config.ts';
import { readHubs } from './hubsSetting.ts';
import { reportMisspelt } from './misspelt.ts';
import { readPolicy } from './policySettings.ts';
import { pickSettings, type Report, readWholeNumber, type Settings } from './settings.ts';
import { readSingleHub, singleHubSettings } from './singleHubSettings.ts';
import { readStorage } from './storageSettings.ts';
import { readSweepSchedule } from './sweepSchedule.ts';
import { readTelemetry } from './telemetrySetting.ts';

/** `functionTimeout` in host.json. */
export const functionTimeoutSeconds = 600;
/** Part of the function timeout that a slice reserves to finish its calls and to write its checkpoint. */
const sliceMarginSeconds = 60;

const budgetPercentRule = { min: 1, max: 100, fallback: 50 };
const sliceSecondsRule = { min: 1, max: functionTimeoutSeconds - sliceMarginSeconds, fallback: 240 };

/**
 * Reads the configuration from an environment such as `process.env`. Returns every problem, not only the first; no
 * message quotes a value. A variable that is empty or only white space counts as not set.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ConfigResult {
  const problems: ConfigProblem[] = [];
  const report: Report = (setting, message) => problems.push({ setting, message });
  const settings = pickSettings(env);

  reportMisspelt(env, report);
  const budgetPercent = readWholeNumber('HUB_BUDGET_PERCENT', settings.HUB_BUDGET_PERCENT, budgetPercentRule, report);
  const hubs = readAllHubs(settings, budgetPercent ?? budgetPercentRule.fallback, report);
  const policy = readPolicy(settings, report);
  const sweepSchedule = readSweepSchedule(settings.SWEEP_SCHEDULE, report);
  const sliceSeconds = readWholeNumber('SLICE_SECONDS', settings.SLICE_SECONDS, sliceSecondsRule, report);
  const storage = readStorage(settings, report);
  const telemetry = readTelemetry(settings, report);

  if (problems.length > 0 || storage === undefined || sliceSeconds === undefined) {
    return { ok: false, problems, sweepSchedule };
  }
  const config = { hubs, policy, storage, sliceSeconds, ...(telemetry ? { telemetry } : {}) };
  return { ok: true, config, sweepSchedule };
}

function readAllHubs(settings: Settings, budgetPercent: number, report: Report) {
  const { HUBS: json } = settings;
  if (json === undefined) return readSingleHub(settings, budgetPercent, report);
  for (const name of singleHubSettings) {
    if (settings[name] !== undefined)
      report(name, 'cannot be used together with HUBS; move it into an entry of HUBS, or leave it out');
  }
  return readHubs(json, budgetPercent, report);
}
