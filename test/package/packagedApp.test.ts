import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makePackage } from '../../scripts/package/makePackage.ts';
import { unpack } from '../../scripts/package/unpack.ts';
import { agent, TestCloud } from '../e2e/testCloud.ts';

describe('the deployment package, unpacked in an empty folder', () => {
  let folder: string;
  let cloud: TestCloud;

  beforeAll(async () => {
    folder = await mkdtemp(join(await realpath(tmpdir()), 'module-keeper-unpacked-'));
    await unpack((await makePackage()).zip, folder);
    // The host reads both from the root of the package.
    const { main } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    cloud = await TestCloud.start({
      app: join(folder, main),
      hostJson: join(folder, 'host.json'),
      seed: ({ hub }) => {
        for (let index = 0; index < 20; index += 1) hub.createDevice({ deviceId: `old-${index}` });
      },
      // By managed identity, so that the largest of the parts that load on first use is among those that run.
      settings: ({ hostName, entra }) => ({
        IOTHUB_CONNECTION_STRING: '',
        IOTHUB_HOSTNAME: hostName,
        IDENTITY_ENDPOINT: entra.identityEndpoint,
        IDENTITY_HEADER: entra.identityHeader,
      }),
    });
  });

  afterAll(async () => {
    await cloud?.cloud.close();
    await rm(folder, { recursive: true });
  });

  test('the unpacked package has no node_modules above it', () => {
    for (let at = folder; ; at = dirname(at)) {
      expect([at, existsSync(join(at, 'node_modules'))]).toEqual([at, false]);
      if (at === dirname(at)) break;
    }
  });

  test('the packaged app registers every function of the sources', async () => {
    const sources = (await readdir('functions'))
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join('functions', file), 'utf8'));
    const registered = sources.flatMap((source) => [...source.matchAll(/^app\.\w+(?:<\w+>)?\('(\w+)'/gm)]);
    const names = registered.map(([, name]) => name).sort();
    expect(names).toContain('deviceCreated');
    expect([...cloud.cloud.host.functions].sort()).toEqual(names);
  });

  test('the packaged app processes an event', async () => {
    cloud.hub.createDevice({ deviceId: 'new-1' });
    await cloud.postSample('new-1');
    await cloud.untilModule('new-1');
  });

  test('the packaged app serves an HTTP call', async () => {
    const response = await cloud.json('PUT', cloud.modulesPath('old-0'));
    expect(response).toEqual({
      status: 200,
      body: { hub: 'contoso', deviceId: 'old-0', modules: [{ moduleId: agent, outcome: 'created' }] },
    });
    expect(cloud.hub.module('old-0', agent)).toBeDefined();
  });

  test('the packaged app sweeps the hub', async () => {
    expect((await cloud.call('POST', '/admin/functions/nightlySweep', '{"input":""}')).status).toBe(202);
    await cloud.until('the run ends', async () => {
      const { body } = await cloud.json<{ runs: { status: string }[] }>('GET', '/api/sweeps');
      return body.runs[0]?.status === 'done';
    });
    const lacking = [...cloud.hub.devices()].filter(({ moduleIds }) => !moduleIds.includes(agent));
    expect(lacking.map(({ deviceId }) => deviceId)).toEqual([]);
    expect([...cloud.hub.devices()]).toHaveLength(21);
  });
});
