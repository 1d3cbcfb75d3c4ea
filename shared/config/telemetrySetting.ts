import type { TelemetryConfig } from './config.ts';
import { connectionStringParts, isHttpAddress } from './connectionStringParts.ts';
import type { Report, Settings } from './settings.ts';

const guidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads both settings of Application Insights; checks only their form. Returns undefined if there is no connection string. */
export function readTelemetry(settings: Settings, report: Report): TelemetryConfig | undefined {
  const { APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString } = settings;
  const { APPLICATIONINSIGHTS_AUTHENTICATION_STRING: authentication } = settings;
  const entra = readAuthentication(authentication, report);
  if (connectionString === undefined) return undefined;
  const parts = connectionStringParts(connectionString);
  const endpoint = parts?.get('ingestionendpoint');
  if (!guidPattern.test(parts?.get('instrumentationkey') ?? '')) {
    report(
      'APPLICATIONINSIGHTS_CONNECTION_STRING',
      'write InstrumentationKey=…;IngestionEndpoint=…, copied from the Application Insights resource, or leave it out',
    );
  } else if (endpoint !== undefined && !isHttpAddress(endpoint)) {
    report(
      'APPLICATIONINSIGHTS_CONNECTION_STRING',
      'has an IngestionEndpoint that is not an http(s) address; copy it again',
    );
  }
  return { connectionString, ...(entra ? { entra } : {}) };
}

/** The form of this setting is that of the Functions host, which reads it for its own telemetry. */
function readAuthentication(text: string | undefined, report: Report): TelemetryConfig['entra'] {
  if (text === undefined) return undefined;
  const parts = connectionStringParts(text);
  const clientId = parts?.get('clientid');
  const isValid = parts?.get('authorization')?.toLowerCase() === 'aad' && (clientId === undefined || clientId !== '');
  if (!isValid) {
    report(
      'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
      'write Authorization=AAD, or ClientId=…;Authorization=AAD for a user-assigned identity, or leave it out',
    );
  }
  return clientId === undefined ? {} : { clientId };
}
