/** Every setting that the keeper reads; `docs/settings.md` explains each. */
export const settingNames = [
  'IOTHUB_CONNECTION_STRING',
  'IOTHUB_HOSTNAME',
  'HUB_NAME',
  'HUB_TIER',
  'HUB_UNITS',
  'HUBS',
  'MODULE_ID',
  'POLICY',
  'SWEEP_SCHEDULE',
  'HUB_BUDGET_PERCENT',
  'SLICE_SECONDS',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'AzureWebJobsStorage',
  'AzureWebJobsStorage__accountName',
  'AzureWebJobsStorage__blobServiceUri',
  'AzureWebJobsStorage__queueServiceUri',
  'AzureWebJobsStorage__credential',
  'AzureWebJobsStorage__clientId',
] as const;

export type SettingName = (typeof settingNames)[number];

/** The settings that are set: blanks around them taken off, empty ones left out. */
export type Settings = Readonly<Partial<Record<SettingName, string>>>;

/** Takes our settings out of an environment. */
export function pickSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const settings: Partial<Record<SettingName, string>> = {};
  for (const name of settingNames) {
    const value = env[name]?.trim();
    if (value) settings[name] = value;
  }
  return settings;
}
