import { distance } from 'fastest-levenshtein';
import { type SettingName, settingNames } from './settingNames.ts';
import type { Report } from './settings.ts';

/** From this length on, a name that is two edits away from one of our settings is probably a misspelling of it. */
const longLength = 12;

/**
 * Reports the variables of `env` that have a value and look like a misspelling of one of our settings: the same name in
 * another case, or at most two edits away. Other programs use many short names (`DB_NAME` is two edits from `HUB_NAME`),
 * so the rule is stricter for our names below 12 characters: the first letters must be equal and, without underscores,
 * the names must differ by at most one edit or by two exchanged letters.
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
  // On Windows `env[setting]` finds a variable in any case, so a name in another case is no mistake there.
  if (name.toLowerCase() === setting.toLowerCase()) return env[setting] === undefined;
  if (Math.abs(name.length - setting.length) > 2) return false;
  const [written, meant] = [name.toLowerCase(), setting.toLowerCase()];
  return setting.length < longLength ? isShortMistake(written, meant) : distance(written, meant) <= 2;
}

function isShortMistake(written: string, meant: string): boolean {
  const [left, right] = [written.replaceAll('_', ''), meant.replaceAll('_', '')];
  if (left[0] !== right[0]) return false;
  const edits = distance(left, right);
  return edits <= 1 || (edits === 2 && sortedLetters(left) === sortedLetters(right));
}

function sortedLetters(text: string): string {
  return [...text].sort().join('');
}
