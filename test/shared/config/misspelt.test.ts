import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { reportMisspelt } from '../../../shared/config/misspelt.ts';
import { settingNames } from '../../../shared/config/settingNames.ts';

function misspeltIn(env: Record<string, string | undefined>): string[] {
  const problems: string[] = [];
  reportMisspelt(env, (setting, message) => problems.push(`${setting}: ${message}`));
  return problems;
}

/** Names of operating systems, shells, App Service, Azure Functions, CI services and other programs. */
const others = [
  ...'HOME PATH PWD USER SHELL LANG TERM TZ TMP TEMP HOSTNAME HOST PORT EDITOR PAGER LOGNAME HISTFILE NUMBER_OF_PROCESSORS'.split(
    ' ',
  ),
  ...'OS COMSPEC APPDATA PSModulePath PROCESSOR_ARCHITECTURE SystemRoot ProgramFiles USERNAME COMPUTERNAME windir'.split(
    ' ',
  ),
  ...'APP_NAME DB_NAME DB_HOST POD_NAME JOB_NAME SUB_NAME WEB_NAME RUN_NAME NODE_NAME TEAM_NAME SITE_NAME BUS_NAME'.split(
    ' ',
  ),
  ...'PUBS SUBS TUBS CUBS BUS JOBS PUB_NAME HUB_USER HUB_HOST HUB_PORT HUB_URL APP_TIER DB_TIER WEB_TIER CPU_UNITS RUB_TIER'.split(
    ' ',
  ),
  ...'MODULES MODULEPATH NODULE_ID MODULES_ID_LIST DEVICE_ID CLIENT_ID TENANT_ID AZURE_CLIENT_ID CODE_ID'.split(' '),
  ...'NODE_ENV NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS npm_config_cache http_proxy HTTPS_PROXY NO_PROXY CI'.split(
    ' ',
  ),
  ...'FUNCTIONS_WORKER_RUNTIME FUNCTIONS_EXTENSION_VERSION FUNCTIONS_WORKER_PROCESS_COUNT languageWorkers__node__arguments'.split(
    ' ',
  ),
  ...'AzureWebJobsDashboard AzureWebJobsFeatureFlags AzureWebJobsSecretStorageType AzureWebJobsDisableHomepage'.split(
    ' ',
  ),
  ...'AzureWebJobsScriptRoot AzureWebJobsStorage__tableServiceUri AzureWebJobsStorage__managedIdentityResourceId'.split(
    ' ',
  ),
  ...'AzureFunctionsJobHost__logging__logLevel__default AZURE_FUNCTIONS_ENVIRONMENT AzureFunctionsWebHost__hostid'.split(
    ' ',
  ),
  ...'APPINSIGHTS_INSTRUMENTATIONKEY APPLICATIONINSIGHTS_AUTHENTICATION_STRING APPLICATIONINSIGHTS_CONFIGURATION_CONTENT'.split(
    ' ',
  ),
  ...'WEBSITE_SITE_NAME WEBSITE_HOSTNAME WEBSITE_INSTANCE_ID WEBSITE_TIME_ZONE WEBSITE_RUN_FROM_PACKAGE WEBSITE_SKU'.split(
    ' ',
  ),
  ...'WEBSITE_CONTENTAZUREFILECONNECTIONSTRING WEBSITE_CONTENTSHARE WEBSITE_NODE_DEFAULT_VERSION SCM_DO_BUILD_DURING_DEPLOYMENT'.split(
    ' ',
  ),
  ...'DEPLOYMENT_STORAGE_CONNECTION_STRING EVENTHUB_CONNECTION_STRING APPSETTING_HUB_NAME CUSTOMCONNSTR_HUBS IDENTITY_ENDPOINT'.split(
    ' ',
  ),
  ...'GITHUB_TOKEN GITHUB_JOB RUNNER_NAME BUILD_ID POLICIES MSI_ENDPOINT KUBERNETES_SERVICE_HOST'.split(' '),
];

describe('reportMisspelt', () => {
  test.each([
    ['HUB_BUDGET_PRECENT', 'HUB_BUDGET_PERCENT'],
    ['HUB_BUDGET', undefined],
    ['IOTHUB_CONNECTIONSTRING', 'IOTHUB_CONNECTION_STRING'],
    ['IOT_HUB_CONNECTION_STRING', 'IOTHUB_CONNECTION_STRING'],
    ['IOTHUB_HOST_NAME', 'IOTHUB_HOSTNAME'],
    ['HUB_NMAE', 'HUB_NAME'],
    ['HUBNAME', 'HUB_NAME'],
    ['HUBNAMES', 'HUB_NAME'],
    ['HUB_TIRE', 'HUB_TIER'],
    ['HBUS', 'HUBS'],
    ['POLCIY', 'POLICY'],
    ['HUB', 'HUBS'],
    ['hubs', 'HUBS'],
    ['MODULE_IDS', 'MODULE_ID'],
    ['MODULEID', 'MODULE_ID'],
    ['POLICYS', 'POLICY'],
    ['SWEEP_SCHEDUL', 'SWEEP_SCHEDULE'],
    ['WEEP_SCHEDULE', 'SWEEP_SCHEDULE'],
    ['SLICE_SECOND', 'SLICE_SECONDS'],
    ['AZUREWEBJOBSSTORAGE', 'AzureWebJobsStorage'],
    ['AzureWebJobsStorage_accountName', 'AzureWebJobsStorage__accountName'],
    ['AzureWebJobsStorage:accountName', 'AzureWebJobsStorage__accountName'],
    ['AzureWebJobsStorage__blobServiceUrl', 'AzureWebJobsStorage__blobServiceUri'],
  ])('suggests for %s: %s', (name, meant) => {
    expect(misspeltIn({ [name]: 'x' })).toEqual(meant === undefined ? [] : [`${name}: did you mean ${meant}?`]);
  });

  test('does not report correct names, and variables without a value', () => {
    expect(misspeltIn(Object.fromEntries(settingNames.map((name) => [name, 'x'])))).toEqual([]);
    expect(misspeltIn({ HUB_NMAE: '', HUBNAME: ' ', HUB_NAMES: undefined })).toEqual([]);
  });

  test('does not report another case of a name that is set: Windows lists a variable in the case in which it was set', () => {
    expect(misspeltIn({ hub_name: 'x', HUB_NAME: 'x' })).toEqual([]);
  });

  test.each(others)('does not report %s of other programs', (name) => {
    expect(misspeltIn({ [name]: 'x' })).toEqual([]);
  });

  // A mistake puts a 9, which no name has, or nothing.
  test('reports one wrong or missing character after the first, in any name', () => {
    expect(settingNames.filter((name) => name.includes('9'))).toEqual([]);
    const mistake = fc
      .constantFrom(...settingNames)
      .chain((name) =>
        fc.tuple(fc.constant(name), fc.integer({ min: 1, max: name.length - 1 }), fc.constantFrom('', '9')),
      );
    fc.assert(
      fc.property(mistake, ([name, at, put]) => {
        const wrong = name.slice(0, at) + put + name.slice(at + 1);
        return misspeltIn({ [wrong]: 'x' }).length === 1;
      }),
    );
  });

  test('reports any two mistakes in a long name', () => {
    const long = settingNames.filter((name) => name.length >= 12);
    const place = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.constantFrom('', '9'));
    fc.assert(
      fc.property(fc.constantFrom(...long), fc.tuple(place, place), (name, places) => {
        const wrong = places.reduce<string>((text, [share, put]) => {
          const at = Math.floor(share * text.length);
          return text.slice(0, at) + put + text.slice(at + 1);
        }, name);
        return misspeltIn({ [wrong]: 'x' }).length === 1;
      }),
    );
  });
});
