/** Every setting that the app reads; `docs/settings.md` explains each. */
export const settingNames = [
  'IOTHUB_CONNECTION_STRING',
  'IOTHUB_HOSTNAME',
  'HUB_NAME',
  'HUB_EVENT_NAME',
  'HUB_TIER',
  'HUB_UNITS',
  'HUBS',
  'MODULE_ID',
  'POLICY',
  'SWEEP_SCHEDULE',
  'HUB_BUDGET_PERCENT',
  'HUB_TOKEN_DOMAINS',
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
