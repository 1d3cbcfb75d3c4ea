import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type RoleName, roleNames } from '../../local/emulator/auth/roles.ts';
import { hubRoles } from '../../shared/hub/adviceFor.ts';
import { grantsOf } from '../infra/grantedRoles.ts';
import { agent, deviceCreatedSample, TestCloud } from './testCloud.ts';

/** The user-assigned identity of the app; the system-assigned one has no role, so that no call succeeds with it. */
const clientId = '11111111-2222-3333-4444-555555555555';

/** Without the one for twins that exist, which only some policies need (`twinRole.test.ts`). */
const rolesForCreates = [hubRoles.read, hubRoles.registryWrite];

interface RunView {
  runId: string;
  status: string;
  reason: string | null;
}

/** Returns the roles that the template grants on a hub. */
function grantedRoles(): RoleName[] {
  const grants = grantsOf('oneHub', 'access').map(({ role }) => role);
  const known = roleNames.filter((name) => grants.includes(name));
  expect(known).toHaveLength(grants.length);
  return known;
}

describe('the app with the roles that the template grants', () => {
  let granted: RoleName[];
  let cloud: TestCloud;

  const assign = (roles: readonly RoleName[]) => cloud.cloud.emulator.entra.identities.assign(roles, clientId);
  const newDevice = (deviceId: string) => cloud.hub.createDevice({ deviceId });

  beforeAll(async () => {
    granted = grantedRoles();
    cloud = await TestCloud.start({
      hub: { name: 'contoso', tier: 'S3', queryDelayMs: 0, entraRoles: [] },
      settings: ({ hostName, entra }) => {
        entra.identities.assign(granted, clientId);
        return {
          ...{ IOTHUB_CONNECTION_STRING: '', HUB_NAME: '', HUB_TIER: '', HUB_UNITS: '' },
          HUBS: JSON.stringify([{ name: 'contoso', hostName, tier: 'S3', units: 1 }]),
          // Azurite has no roles, so storage uses its key, and the client id for the hub comes from AZURE_CLIENT_ID.
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
    const runId = body.runs[0]?.runId;
    let run: RunView | undefined;
    await cloud.until('the run ends', async () => {
      run = (await cloud.json<RunView>('GET', `/api/sweeps/contoso/${runId}`)).body;
      return !['queued', 'running'].includes(run.status);
    });
    return run as RunView;
  }

  async function eventOf(deviceId: string): Promise<void> {
    newDevice(deviceId);
    expect(await cloud.postEvents([deviceCreatedSample(deviceId)])).toBe(202);
  }

  test('creates modules by events, HTTP calls and sweeps', async () => {
    await eventOf('by-event');
    await cloud.untilModule('by-event');

    newDevice('by-http');
    const put = await cloud.json<{ modules: unknown }>('PUT', cloud.modulesPath('by-http'));
    expect(put).toMatchObject({ status: 200, body: { modules: [{ moduleId: agent, outcome: 'created' }] } });

    for (let index = 0; index < 30; index++) newDevice(`by-sweep-${index}`);
    expect(await sweep()).toMatchObject({ status: 'done', reason: null });
    expect([...cloud.hub.devices()].filter(({ moduleIds }) => !moduleIds.includes(agent))).toEqual([]);
  });

  test('creates nothing if its identity has no roles', async () => {
    assign([]);
    try {
      newDevice('by-nobody');
      expect((await cloud.call('PUT', cloud.modulesPath('by-nobody'))).status).toBe(502);
      expect(cloud.hub.module('by-nobody', agent)).toBeUndefined();
    } finally {
      assign(granted);
    }
  });

  test.each(rolesForCreates)('fails without "%s" in every path with a message that names the role', async (missing) => {
    expect(granted).toContain(missing);
    const sentence = `This call needs the role "${missing}" on this hub`;
    const name = missing.replaceAll(' ', '-');
    const before = cloud.cloud.host.logs().length;
    assign(granted.filter((role) => role !== missing));
    try {
      newDevice(`http-without-${name}`);
      const put = () => cloud.json('PUT', cloud.modulesPath(`http-without-${name}`));
      // While a worker still looks at the devices of an earlier role, the device waits in the queue (503).
      let answer = await put();
      await cloud.until('no worker is active', async () => {
        if (answer.status === 503) answer = await put();
        return answer.status !== 503;
      });
      expect(answer).toMatchObject({ status: 502, body: { detail: expect.stringContaining(sentence) } });

      await eventOf(`event-without-${name}`);
      expect(await sweep()).toMatchObject({ status: 'failed', reason: expect.stringContaining(sentence) });
      // A look at the devices of an earlier role may still end and log its own line.
      const saysWhy = () =>
        cloud.cloud.host
          .logs()
          .slice(before)
          .replaceAll('\\', '')
          .split('\n')
          .some((line) => line.includes('Pending devices cannot be reconciled') && line.includes(sentence));
      await cloud.until('the log says why the device waits', saysWhy);
      expect(cloud.hub.module(`event-without-${name}`, agent)).toBeUndefined();
    } finally {
      assign(granted);
    }
  });

  test('creates later the modules of devices whose event came while a role was missing', async () => {
    const waiting = [...cloud.hub.devices()]
      .map(({ deviceId }) => deviceId)
      .filter((id) => id.startsWith('event-without-'));
    expect(waiting).toHaveLength(rolesForCreates.length);
    await cloud.until('watchHubs finds the pending devices', async () => {
      await cloud.call('POST', '/admin/functions/watchHubs', '{"input":""}');
      await delay(500);
      return waiting.every((deviceId) => cloud.hub.module(deviceId, agent) !== undefined);
    });
  });
});
