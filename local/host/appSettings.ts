import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseLocalSettings } from '../../shared/config/localSettings.ts';
import { HostConfigurationError } from './hostError.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the `Values` of a local.settings.json
 * (https://learn.microsoft.com/azure/azure-functions/functions-develop-local#local-settings-file). Rejects with
 * `HostConfigurationError` if the file is missing or invalid; its message contains no value.
 */
export async function readLocalSettings(path: string): Promise<Record<string, string>> {
  let text: string;
  try {
    text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new HostConfigurationError(
      code === 'ENOENT'
        ? `There is no settings file at "${resolve(path)}"; copy local.settings.sample.json to it.`
        : `The settings file "${resolve(path)}" cannot be read (${code}): name a file that you may read.`,
    );
  }
  const parsed = parseLocalSettings(text);
  if (parsed.ok) return parsed.value;
  const problems = parsed.problems.map(
    ({ path: place, message }) => `${place.replace(/^\./, '') || 'the file'}: ${message}`,
  );
  throw new HostConfigurationError(`${path} cannot be used. ${problems.join('; ')}.`);
}

/** Removes the settings that the environment also sets: the environment takes precedence, as with Core Tools. */
export function withoutOverridden(
  settings: Readonly<Record<string, string>>,
  environment: Environment,
): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => environment[name] === undefined));
}

/** Replaces every `%NAME%` with the setting. Throws `HostConfigurationError` with the host's text if one is not set. */
export function resolveSettings(text: string, environment: Environment): string {
  return text.replace(/%([^%]+)%/g, (placeholder, name: string) => {
    const value = environment[name];
    if (value === undefined) {
      throw new HostConfigurationError(`'${placeholder}' does not resolve to a value; set ${name}.`);
    }
    return value;
  });
}
