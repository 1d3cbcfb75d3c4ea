import { appendFileSync } from 'node:fs';
import type { IngestionStub } from '../support/ingestionStub.ts';
import { TestCloud } from './testCloud.ts';

/** An app that tells of itself to `stub`. */
export function startTelling(
  stub: IngestionStub,
  options: Parameters<typeof TestCloud.start>[0] = {},
): Promise<TestCloud> {
  return TestCloud.start({
    settings: ({ caFile }) => {
      appendFileSync(caFile, `\n${stub.certificate.certificate}`); // the app then trusts both
      return { APPLICATIONINSIGHTS_CONNECTION_STRING: stub.connectionString, WEBSITE_SITE_NAME: 'keeper-app' };
    },
    ...options,
  });
}
