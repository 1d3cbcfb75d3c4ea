import { connectionStringParts, isHttpAddress } from './connectionStringParts.ts';
import type { Report } from './report.ts';

/**
 * Reports an `APPLICATIONINSIGHTS_CONNECTION_STRING` that cannot be one. Only its shape is checked: the value is read
 * by the exporter and by the Functions host, not by us.
 */
export function checkTelemetry(value: string | undefined, report: Report): void {
  if (value === undefined) return;
  const parts = connectionStringParts(value);
  const key = parts?.get('instrumentationkey') ?? '';
  const endpoint = parts?.get('ingestionendpoint');
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(key)) {
    report(
      'APPLICATIONINSIGHTS_CONNECTION_STRING',
      'write InstrumentationKey=…;IngestionEndpoint=…, copied from the Application Insights resource, or leave it out',
    );
  } else if (endpoint !== undefined && !isHttpAddress(endpoint)) {
    report('APPLICATIONINSIGHTS_CONNECTION_STRING', 'has an IngestionEndpoint that is no address; copy it again');
  }
}
