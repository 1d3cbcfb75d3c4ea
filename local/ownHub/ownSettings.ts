import { existsSync } from 'node:fs';
import { settingNames } from '../../shared/config/settingNames.ts';
import { type Environment, readLocalSettings, withoutOverridden } from '../host/appSettings.ts';
import type { HostCommand } from './commandLine.ts';

/** The settings that the app will have. */
export interface OwnSettings {
  /** What the settings file adds to the environment. */
  ofFile: Record<string, string>;
  /** The environment together with `ofFile`. */
  all: Environment;
  /** Whether the settings name no storage account, or only that of the storage emulator. */
  isStorageEmbedded: boolean;
  /** Where they come from, without a value. */
  source: string;
}

/**
 * Reads the settings file, whose empty values do not count, and the environment, which overrides it. Rejects with
 * `HostConfigurationError`.
 */
export async function readOwnSettings(
  { path, isRequired }: HostCommand['settingsFile'],
  environment: Environment,
): Promise<OwnSettings> {
  const values = isRequired || existsSync(path) ? await readLocalSettings(path) : undefined;
  const written = Object.fromEntries(Object.entries(values ?? {}).filter(([, value]) => value.trim() !== ''));
  const ofFile = withoutOverridden(written, environment);
  const all = { ...ofFile, ...environment };
  const fromEnvironment = settingNames.filter((name) => environment[name]?.trim());
  const sources = [
    ...(values === undefined ? [] : [path]),
    ...(fromEnvironment.length === 0 ? [] : [`environment (${fromEnvironment.join(', ')})`]),
  ];
  return { ofFile, all, isStorageEmbedded: isEmbedded(all), source: sources.join(' and ') || 'none' };
}

function isEmbedded(all: Environment): boolean {
  const connectionString = all.AzureWebJobsStorage?.trim() ?? '';
  if (connectionString !== '') return /^UseDevelopmentStorage=true;?$/i.test(connectionString);
  return !settingNames.some((name) => name.startsWith('AzureWebJobsStorage__') && all[name]?.trim());
}
