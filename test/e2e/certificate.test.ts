import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedDevices } from '../../local/emulator/state/seedDevices.ts';
import type { Certificate } from '../../shared/api/certificateSchema.ts';
import { ApiDescription } from '../docs/apiDescription.ts';
import { agent, TestCloud } from './testCloud.ts';

const api = new ApiDescription();
const old = 'azureiotsecurity';
const policy = [
  { moduleId: agent, select: { exemptTag: 'noAgent' } },
  { moduleId: 'plant', select: { deviceIds: ['pump-?', '50%*', 'x\\**'], tags: { 'site.plant': ['north', 7] } } },
  { moduleId: old, ensure: 'absent', stop: { maxChanges: 1000 } },
];

describe('the coverage certificate', () => {
  let cloud: TestCloud;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'module-keeper-'));
    cloud = await TestCloud.start({
      seed: ({ hub }) => seedDevices(hub, { count: 300, mix: { disabled: 0.1 } }),
      settings: () => ({ MODULE_ID: '', POLICY: JSON.stringify(policy) }),
    });
    const tags = { site: { plant: 'north' } };
    for (const deviceId of ["50%'_x", 'x*y', 'pump-1', 'pump-10']) cloud.hub.createDevice({ deviceId, tags });
    cloud.hub.createDevice({
      deviceId: 'exempt',
      tags: { noAgent: { until: '2999-01-01', reason: '=1+1 in repair' } },
    });
    cloud.hub.createDevice({ deviceId: 'was-exempt', tags: { noAgent: { until: '2020-01-01' } } });
    cloud.hub.createModule('pump-10', { moduleId: old });
  });
  afterAll(async () => {
    await cloud.cloud.close();
    await rm(folder, { recursive: true });
  });

  async function get(): Promise<{ status: number; text: string }> {
    const { status, headers, text } = await cloud.call('GET', '/api/hubs/Contoso/certificate');
    const contentType = headers.get('content-type');
    expect(api.mistakesOfAnswer('getCertificate', { status, contentType, text })).toEqual([]);
    return { status, text };
  }

  async function sweep(dryRun = false): Promise<string> {
    const { body } = await cloud.json<{ runs: [{ runId: string }] }>('POST', '/api/sweeps', { dryRun });
    const [{ runId }] = body.runs;
    await cloud.until('the run has ended', async () => {
      const { text } = await cloud.call('GET', '/api/hubs');
      const [{ lastFinishedSweep, liveRun }] = JSON.parse(text).hubs;
      return dryRun ? liveRun === null : lastFinishedSweep?.runId === runId;
    });
    return runId;
  }

  /** Runs the script as an auditor would. */
  async function check(
    certificate: object,
    more: Record<string, string> = {},
  ): Promise<{ code: number; text: string }> {
    const file = join(folder, 'certificate.json');
    await writeFile(file, JSON.stringify(certificate));
    const args = ['docs/checkCertificate.mjs', file];
    for (const [option, text] of Object.entries(more)) {
      await writeFile(join(folder, option), text);
      args.push(`--${option}`, join(folder, option));
    }
    const { connectionString, caFile } = cloud.cloud.emulator;
    const env = { ...process.env, IOTHUB_CONNECTION_STRING: connectionString, NODE_EXTRA_CA_CERTS: caFile };
    return new Promise((resolve) => {
      execFile(process.execPath, args, { env }, (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, text: stdout + stderr }),
      );
    });
  }

  test('is refused before the first real sweep; the one of that sweep agrees with the hub', async () => {
    expect((await get()).status).toBe(409);
    await sweep(true);
    expect(JSON.parse((await get()).text)).toMatchObject({ type: 'urn:module-keeper:no-certificate' });

    const runId = await sweep();
    const { status, text } = await get();
    expect(status).toBe(200);
    const certificate = JSON.parse(text) as Certificate;
    expect(certificate).toMatchObject({
      ...{ hub: { name: 'contoso' }, run: { runId, startedBy: 'http' }, signed: false },
      exemptions: { counts: { active: 1, ended: 1 }, notShown: 0 },
    });
    expect(certificate.exemptions.lines).toContainEqual(
      expect.objectContaining({ deviceId: 'exempt', reason: '=1+1 in repair', until: '2999-01-01' }),
    );
    const withAgent = [...cloud.hub.devices()].filter(
      ({ deviceId, edge }) => !edge && deviceId !== 'exempt' && cloud.hub.module(deviceId, agent),
    );
    expect(certificate.modules.map(({ covered }) => covered).slice(0, 2)).toEqual([withAgent.length, 3]);

    const { text: failures } = await cloud.call('GET', `/api/sweeps/contoso/${runId}/failures`);
    expect(failures).not.toBe('');
    const right = await check(certificate, { failures });
    expect(right).toMatchObject({ code: 0 });
    expect(right.text.match(/^RIGHT/gm)).toHaveLength(policy.length);

    // From what az prints, without a key.
    const devices = [...cloud.hub.devices()].map(({ deviceId, edge }) => {
      return { deviceId, capabilities: { iotEdge: edge }, tags: cloud.hub.twin(deviceId).tags };
    });
    const modules = [...cloud.hub.devices()].flatMap(({ deviceId, moduleIds }) =>
      moduleIds.map((moduleId) => ({ deviceId, moduleId })),
    );
    const files = { devices: JSON.stringify(devices), modules: JSON.stringify(modules), failures };
    expect(await check(certificate, files)).toMatchObject({ code: 0 });
  });

  test('does not agree with the hub any more once the hub or the certificate has been changed', async () => {
    await sweep();
    const certificate = JSON.parse((await get()).text) as Certificate;
    const { text: failures } = await cloud.call('GET', `/api/sweeps/contoso/${certificate.run.runId}/failures`);
    const [first, ...others] = certificate.modules;
    if (!first) throw new Error('the certificate has no module');
    const forged = { ...certificate, modules: [{ ...first, hash: `${first.hash.slice(1)}0` }, ...others] };
    expect(await check(forged, { failures })).toMatchObject({
      code: 1,
      text: expect.stringContaining('hashes differ'),
    });
    const specs = certificate.policy.specs.slice(1);
    expect(await check({ ...certificate, policy: { ...certificate.policy, specs } })).toMatchObject({ code: 1 });
    expect(await check({ kind: 'other' })).toMatchObject({ code: 2 });
    const elsewhere = { ...certificate, hub: { ...certificate.hub, hostName: 'x.azure-devices.net' } };
    expect(await check(elsewhere)).toMatchObject({ code: 2, text: expect.stringContaining('another hub') });

    cloud.hub.createDevice({ deviceId: 'new-since' });
    cloud.hub.deleteModule('pump-1', agent);
    const { code, text } = await check(certificate, { failures });
    expect(code).toBe(1);
    expect(text).toContain('"pump-1"');
    expect(text).toContain('"new-since"');
  });
});
