import { distance } from 'fastest-levenshtein';
import type { Report } from './report.ts';
import { type SettingName, settingNames } from './settingNames.ts';

/** Up to this length a name is a plain word, one edit away from other words. */
const shortLength = 6;
/** From this length on, two edits away from one of our names is no other program's name. */
const longLength = 12;

/**
 * Reports the variables of `env` that hold something and look like one of our settings in a slip of the pen: the same
 * name in another case, or at most two edits away. Since the environment is full of other programs' names (`DB_NAME` is
 * two edits from `HUB_NAME`), a name of ours below 12 characters must begin with the same letter, and one of at most 6
 * (`HUBS`, `POLICY`) must be one edit away.
 */
export function reportMisspelt(env: Readonly<Record<string, string | undefined>>, report: Report): void {
  for (const [name, value] of Object.entries(env)) {
    if (!value?.trim() || isOurs(name)) continue;
    const meant = settingNames.find((setting) => resembles(name, setting, env));
    if (meant !== undefined) report(name, `did you mean ${meant}?`);
  }
}

function isOurs(name: string): boolean {
  return settingNames.some((setting) => setting === name);
}

function resembles(name: string, setting: SettingName, env: Readonly<Record<string, string | undefined>>): boolean {
  // Windows has one variable under every case, and lists it in the case in which it was set.
  if (name.toLowerCase() === setting.toLowerCase()) return env[setting] === undefined;
  if (Math.abs(name.length - setting.length) > 2) return false;
  const most = setting.length <= shortLength ? 1 : 2;
  const first = (text: string) => text.charAt(0).toLowerCase();
  if (setting.length < longLength && first(name) !== first(setting)) return false;
  return distance(name.toLowerCase(), setting.toLowerCase()) <= most;
}
