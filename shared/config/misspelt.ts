import { distance } from 'fastest-levenshtein';
import type { Report } from './report.ts';
import { type SettingName, settingNames } from './settingNames.ts';

/** From this length on, a name that is two edits from one of ours is hardly the name of something else. */
const longLength = 12;

/**
 * Reports the variables of `env` that hold something and look like one of our settings in a slip of the pen: the same
 * name in another case, or within two edits of it. The environment is full of other programs' short names (`DB_NAME` is
 * two edits from `HUB_NAME`), so a name of ours below 12 characters must begin with the same letter and, underscores
 * aside, be one edit or one swap of letters away.
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
  const [written, meant] = [name.toLowerCase(), setting.toLowerCase()];
  return setting.length < longLength ? isShortSlip(written, meant) : distance(written, meant) <= 2;
}

function isShortSlip(written: string, meant: string): boolean {
  const [left, right] = [written.replaceAll('_', ''), meant.replaceAll('_', '')];
  if (left[0] !== right[0]) return false;
  const edits = distance(left, right);
  return edits <= 1 || (edits === 2 && sortedLetters(left) === sortedLetters(right));
}

function sortedLetters(text: string): string {
  return [...text].sort().join('');
}
