import { appendFileSync } from 'node:fs';
import type { CloudOptions } from '../../local/cloud.ts';
import type { Emulator } from '../../local/emulator/emulator.ts';
import type { IngestionStub } from '../support/ingestionStub.ts';
import { TestCloud } from './testCloud.ts';

/** Starts an app that sends telemetry to `stub`. */
export function startWithTelemetry(
  stub: IngestionStub,
  options: Omit<Partial<CloudOptions>, 'settings'> = {},
  settings: (emulator: Emulator) => Record<string, string> = () => ({}),
): Promise<TestCloud> {
  return TestCloud.start({
    ...options,
    settings: (emulator) => {
      appendFileSync(emulator.caFile, `\n${stub.certificate.certificate}`); // the app then trusts the emulator and the stub
      return {
        APPLICATIONINSIGHTS_CONNECTION_STRING: stub.connectionString,
        WEBSITE_SITE_NAME: 'keeper-app',
        ...settings(emulator),
      };
    },
  });
}
