import { expect, test } from '@jest/globals';
import type { Emulator } from '../../local/emulator/emulator.ts';
import { seedDevices } from '../../local/emulator/state/seedDevices.ts';
import { IngestionStub } from '../support/ingestionStub.ts';
import { startWithTelemetry } from './startWithTelemetry.ts';

test('a process that stops writes its checkpoint and then sends its telemetry, with a token of its identity', async () => {
  const stub = await IngestionStub.start();
  const seed = ({ hub }: Emulator) => seedDevices(hub, { count: 1_000 });
  const cloud = await startWithTelemetry(stub, { seed }, ({ entra }) => ({
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD',
    IDENTITY_ENDPOINT: entra.identityEndpoint,
    IDENTITY_HEADER: entra.identityHeader,
    AZURE_CLIENT_ID: '',
  }));
  try {
    await cloud.call('POST', '/api/sweeps', '{}');
    await cloud.until('the sweep has started', () => /Preflight \{/.test(cloud.cloud.host.logs()));
    await cloud.cloud.host.close();
    const [ended] = stub.ofType('MessageData').filter(({ data }) => data.baseData.message === 'Slice ended');
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
