import { expect, test } from '@jest/globals';
import type { Emulator } from '../../local/emulator/emulator.ts';
import { seedDevices } from '../../local/emulator/state/seedDevices.ts';
import { IngestionStub } from '../support/ingestionStub.ts';
import { startWithTelemetry } from './startWithTelemetry.ts';

test('a process that stops writes its checkpoint and then sends its telemetry, with a token of its identity', async () => {
  const stub = await IngestionStub.start();
  const lines = (message: string) => stub.ofType('MessageData').filter(({ data }) => data.baseData.message === message);
  const seed = ({ hub }: Emulator) => seedDevices(hub, { count: 3_000 });
  const cloud = await startWithTelemetry(stub, { seed }, ({ entra }) => ({
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD',
    IDENTITY_ENDPOINT: entra.identityEndpoint,
    IDENTITY_HEADER: entra.identityHeader,
    AZURE_CLIENT_ID: '',
  }));
  try {
    await cloud.call('POST', '/api/sweeps', '{}');
    // On a busy machine the exporter may need longer to start than the 5 s in which the host stops.
    await cloud.until('the sweep has started and the exporter sends', () => lines('Preflight').length > 0);
    await cloud.cloud.host.close();
    const [ended] = lines('Slice ended');
    expect(ended?.data.baseData.properties).toMatchObject({ hub: 'contoso', result: 'more' });
    expect(stub.metric('keeper.hub_blocked')).toMatchObject([{ value: 0, hub: 'contoso' }]);
    const [token] = stub.requests.map(({ authorization }) => authorization).filter((sent) => sent !== undefined);
    const claims = /^Bearer [\w-]+\.([\w-]+)\./.exec(token ?? '')?.[1] ?? '';
    expect(Buffer.from(claims, 'base64url').toString()).toContain('"aud":"https://monitor.azure.com"');
    const stored = (await cloud.stored()).find((text) => /"status":"running"/.test(text)) ?? '{}';
    const { checkpointAt } = JSON.parse(stored) as { checkpointAt?: string };
    expect(Date.parse(checkpointAt ?? '')).toBeLessThanOrEqual(Date.parse(ended?.time ?? ''));
  } finally {
    await cloud.cloud.close();
    await stub.close();
  }
});
