import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHostProcess } from '../../../local/host/hostProcess.ts';
import { IngestionStub } from '../../support/ingestionStub.ts';
import { fixtureHostJson, temporaryFolder } from './fixture.ts';

const appSource = (setup: string) => `
  const { app } = require(${JSON.stringify(join(process.cwd(), 'node_modules/@azure/functions'))});
  ${setup}
  app.http('hello', { authLevel: 'anonymous', handler: (_request, context) => {
    context.info('Hello');
    return { body: context.traceContext.traceParent };
  } });
`;
const capableSetup = 'app.setup({ capabilities: { WorkerOpenTelemetryEnabled: true } });';

describe("the host's own telemetry", () => {
  let stub: IngestionStub;
  let folder: string;
  beforeAll(async () => {
    stub = await IngestionStub.start();
    folder = await temporaryFolder();
  });
  afterAll(async () => {
    await stub.close();
    await rm(folder, { recursive: true });
  });

  async function hello(setup: string, hostJson: string): Promise<string> {
    stub.envelopes.length = 0;
    const app = join(folder, 'app.cjs');
    await writeFile(app, appSource(setup));
    const host = await startHostProcess({
      app,
      hostJson,
      settings: { APPLICATIONINSIGHTS_CONNECTION_STRING: stub.connectionString, AzureWebJobsStorage: '' },
      env: { NODE_EXTRA_CA_CERTS: stub.certificate.caFile },
    });
    try {
      return await (await fetch(`${host.url}/api/hello`)).text();
    } finally {
      await host.close();
    }
  }

  test("the host sends a request for each invocation, in the trace of the app, and the app's log lines", async () => {
    const traceParent = await hello('', 'host.json');
    const [, operation, id] = traceParent.split('-');
    expect(stub.ofType('RequestData')).toMatchObject([
      { tags: { 'ai.operation.id': operation }, data: { baseData: { id, name: 'hello', success: true } } },
    ]);
    expect(stub.ofType('MessageData')).toMatchObject([
      { tags: { 'ai.operation.id': operation }, data: { baseData: { message: 'Hello' } } },
    ]);
  });

  test('the host does not send the log lines of an app that sends them itself', async () => {
    await hello(capableSetup, 'host.json');
    expect([stub.ofType('RequestData').length, stub.ofType('MessageData').length]).toEqual([1, 0]);
  });

  test('the host sends no telemetry without `telemetryMode` in host.json', async () => {
    await hello('', fixtureHostJson);
    expect(stub.envelopes).toEqual([]);
  });
});
