import { describe, expect, test } from '@jest/globals';
import { settingNames } from '../../../shared/config/settingNames.ts';
import { exporterEnvironment } from '../../../shared/telemetry/exporterEnvironment.ts';

const connectionString =
  'InstrumentationKey=11111111-2222-3333-4444-555555555555;IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/';

describe('exporterEnvironment', () => {
  test('contains no setting of the app and no secret of the platform', () => {
    const secret = 'c2VjcmV0';
    const names = [...settingNames, 'IDENTITY_HEADER', 'WEBSITE_AUTH_ENCRYPTION_KEY', 'AzureWebEncryptionKey'];
    const passed = exporterEnvironment(Object.fromEntries(names.map((name) => [name, secret])), connectionString);
    expect(JSON.stringify(passed)).not.toContain(secret);
  });

  test('contains the name and the region of the app', () => {
    const passed = exporterEnvironment(
      { WEBSITE_SITE_NAME: 'my-keeper', REGION_NAME: 'West Europe' },
      connectionString,
    );
    expect(passed).toMatchObject({ WEBSITE_SITE_NAME: 'my-keeper', REGION_NAME: 'West Europe' });
  });

  test('lets the libraries reach only the ingestion endpoint', () => {
    expect(exporterEnvironment({}, connectionString)).toMatchObject({
      HTTPS_PROXY: 'http://127.0.0.1:9',
      NO_PROXY: expect.stringMatching(/^westeurope-5\.in\.applicationinsights\.azure\.com,/),
      APPLICATION_INSIGHTS_NO_STATSBEAT: 'true',
    });
    const { NO_PROXY } = exporterEnvironment({}, 'InstrumentationKey=x');
    expect(NO_PROXY?.split(',')[0]).toBe('dc.services.visualstudio.com');
    // The address of the remote feature flags.
    expect(NO_PROXY?.split(',').some((domain) => 'settings.sdk.monitor.azure.com'.endsWith(domain))).toBe(false);
  });

  test('does not change the proxies of the app', () => {
    const proxies = { https_proxy: 'http://proxy:3128', NO_PROXY: 'localhost' };
    const passed = exporterEnvironment(proxies, connectionString);
    expect(passed).toMatchObject(proxies);
    expect(passed).not.toHaveProperty('HTTPS_PROXY');
  });
});
