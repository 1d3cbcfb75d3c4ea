import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hubRoles } from '../../shared/hub/adviceFor.ts';
import { agent, TestCloud } from './testCloud.ts';

const clientId = '11111111-2222-3333-4444-555555555555';
const { twinWrite, ...always } = hubRoles;
const desired = { Process_MessageFrequency: 'High' };

interface RunView {
  runId: string;
  status: string;
  reason: string | null;
  counts: { updated: number };
}

describe('the app whose policy writes twins', () => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start({
      hub: { name: 'contoso', tier: 'S3', queryDelayMs: 0, entraRoles: [] },
      settings: ({ hostName, entra }) => {
        entra.identities.assign(Object.values(always), clientId);
        return {
          ...{ IOTHUB_CONNECTION_STRING: '', HUB_NAME: '', HUB_TIER: '', HUB_UNITS: '' },
          HUBS: JSON.stringify([{ name: 'contoso', hostName, tier: 'S3', units: 1 }]),
          POLICY: JSON.stringify([{ moduleId: agent, twin: { mode: 'enforce', desired } }]),
          AZURE_CLIENT_ID: clientId,
          IDENTITY_ENDPOINT: entra.identityEndpoint,
          IDENTITY_HEADER: entra.identityHeader,
        };
      },
    });
  });
  afterAll(() => cloud.cloud.close());

  async function sweep(): Promise<RunView> {
    const { body } = await cloud.json<{ runs: RunView[] }>('POST', '/api/sweeps', {});
    let run: RunView | undefined;
    await cloud.until('the run ends', async () => {
      run = (await cloud.json<RunView>('GET', `/api/sweeps/contoso/${body.runs[0]?.runId}`)).body;
      return !['queued', 'running'].includes(run.status);
    });
    return run as RunView;
  }

  test('says which role it lacks, and repairs the twin as soon as it has it', async () => {
    cloud.hub.createDevice({ deviceId: 'a' });
    cloud.hub.createModule('a', { moduleId: agent });
    const sentence = `This call needs the role "${twinWrite}" on this hub`;
    const put = await cloud.json('PUT', cloud.modulesPath('a'));
    expect(put).toMatchObject({ status: 502, body: { detail: expect.stringContaining(sentence) } });
    expect(await sweep()).toMatchObject({ status: 'failed', reason: expect.stringContaining(sentence) });
    cloud.cloud.emulator.entra.identities.assign(Object.values(hubRoles), clientId);
    expect(await sweep()).toMatchObject({ status: 'done', counts: { updated: 1 } });
    expect(await sweep()).toMatchObject({ status: 'done', counts: { updated: 0 } });
  });
});
