import { ncrontabProblem } from './ncrontab.ts';
import type { Report } from './report.ts';

/** 02:00 UTC, every day. */
export const defaultSweepSchedule = '0 0 2 * * *';

/**
 * Reports a `SWEEP_SCHEDULE` that is not a six-field NCRONTAB expression. The value is not part of `Config`: the
 * timer is registered as `%SWEEP_SCHEDULE%`, which the Functions host resolves from its own settings, so that in Azure
 * the setting has to be there (the default is what the sample and the templates write).
 */
export function checkSweepSchedule(value: string | undefined, report: Report): void {
  const problem = value === undefined ? undefined : ncrontabProblem(value);
  if (problem !== undefined) report('SWEEP_SCHEDULE', problem);
}
