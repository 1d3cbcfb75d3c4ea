import { type SettingName, settingNames } from './settingNames.ts';

/** The settings that have a value, without white space at both ends. An empty setting is left out. */
export type Settings = Readonly<Partial<Record<SettingName, string>>>;

/**
 * Reports one problem of a setting; `message` says what to write instead. A message never quotes a value: any setting
 * may hold a secret that was pasted into the wrong place.
 */
export type Report = (setting: string, message: string) => void;

/** Takes the settings of the app from an environment such as `process.env`. */
export function pickSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const settings: Partial<Record<SettingName, string>> = {};
  for (const name of settingNames) {
    const value = env[name]?.trim();
    if (value) settings[name] = value;
  }
  return settings;
}

/** Both bounds are inclusive; `fallback` is used if the setting has no value. */
export interface WholeNumberRule {
  min: number;
  max: number;
  fallback: number;
}

/** Returns the number in `text`, or `fallback` if `text` is undefined. Returns undefined after a problem was reported. */
export function readWholeNumber(
  setting: string,
  text: string | undefined,
  { min, max, fallback }: WholeNumberRule,
  report: Report,
): number | undefined {
  if (text === undefined) return fallback;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  report(setting, `write a whole number from ${min} to ${max}`);
  return undefined;
}
