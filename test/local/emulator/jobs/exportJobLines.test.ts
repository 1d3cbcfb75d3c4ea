import { describe, expect, test } from '@jest/globals';
import { specialDeviceIds } from '../../../../local/emulator/state/seedDevices.ts';
import { withEmulator } from '../withEmulator.ts';
import { blobContainers } from './blobContainers.ts';
import { finishedJob, promptJobs } from './jobCalls.ts';

const container = blobContainers();
const thumbprint = 'A'.repeat(40);

/** Members in the order in which dumps of real hubs have them. */
const deviceMembers = [
  ...['id', 'eTag', 'status', 'statusReason', 'authentication', 'twinETag', 'tags', 'properties', 'capabilities'],
];
const moduleMembers = ['id', 'moduleId', ...deviceMembers.slice(1).filter((name) => name !== 'statusReason')];

describe('The lines of an export', () => {
  describe('shape', () => {
    test('an export contains each device, then its modules, in the format of real exports', async () => {
      const blobs = await container();
      await withEmulator(promptJobs, async (client, { hub }) => {
        hub.createDevice({ deviceId: 'a', status: 'disabled', tags: { site: 'cork' }, desired: { level: 1 } });
        hub.createModule('a', { moduleId: 'm', managedBy: 'me' });
        await finishedJob(client, { type: 'export', outputBlobContainerUri: blobs.uri() });
        const [device, module] = (await blobs.lines('devices.txt')).map((line) => JSON.parse(line));
        expect([Object.keys(device), Object.keys(module)]).toEqual([deviceMembers, moduleMembers]);
        const { symmetricKey } = hub.identity('a').authentication as { symmetricKey: object };
        expect(device).toMatchObject({
          ...{ id: 'a', status: 'disabled', statusReason: '', eTag: hub.identity('a').etag, twinETag: 'AAAAAAAAAAE=' },
          authentication: { symmetricKey, type: 'sas' },
          tags: { site: 'cork' },
          properties: { desired: { level: 1 }, reported: {} },
          capabilities: { iotEdge: false },
        });
        expect(module).toMatchObject({
          id: 'a',
          moduleId: 'm',
          status: 'enabled',
          tags: {},
          properties: { desired: {} },
        });
        expect(JSON.stringify([device, module])).not.toContain('$metadata');
      });
    });

    test('an export contains the scopes of Edge devices and their children', async () => {
      const blobs = await container();
      await withEmulator(promptJobs, async (client, { hub }) => {
        hub.createDevice({ deviceId: 'gateway', edge: true });
        const { deviceScope } = hub.identity('gateway');
        hub.createDevice({ deviceId: 'leaf', parentScope: String(deviceScope) });
        await finishedJob(client, { type: 'export', outputBlobContainerUri: blobs.uri() });
        const lines = (await blobs.lines('devices.txt')).map((line) => JSON.parse(line));
        expect(lines.map(({ id, moduleId }) => moduleId ?? id)).toEqual(['gateway', '$edgeAgent', '$edgeHub', 'leaf']);
        expect(lines[0]).toMatchObject({ deviceScope, capabilities: { iotEdge: true } });
        expect(lines[1]).toMatchObject({ authentication: null });
        expect(lines[3]).toMatchObject({ deviceScope, parentScopes: [deviceScope] });
      });
    });
  });

  describe('behaviour', () => {
    test('an export with excluded keys begins with a warning line and contains no key', async () => {
      const blobs = await container();
      await withEmulator(promptJobs, async (client, { hub }) => {
        hub.createDevice({ deviceId: 'sas' });
        const thumbprints = { primaryThumbprint: thumbprint, secondaryThumbprint: null };
        hub.createDevice({ deviceId: 'x509', authentication: { type: 'selfSigned', thumbprints } });
        const body = { type: 'export', outputBlobContainerUri: blobs.uri(), excludeKeysInExport: true };
        expect(await finishedJob(client, body)).toMatchObject({ status: 'completed', progress: 100 });
        const [warning, ...lines] = await blobs.lines('devices.txt');
        expect(() => JSON.parse(warning ?? '')).toThrow(SyntaxError);
        expect(lines.map((line) => JSON.parse(line).authentication)).toEqual([
          null,
          { symmetricKey: { primaryKey: null, secondaryKey: null }, x509Thumbprint: thumbprints, type: 'selfSigned' },
        ]);
      });
    });

    test('an export replaces the requested blob, also a longer one', async () => {
      const blobs = await container();
      await blobs.put('all.ndjson', 'x'.repeat(100_000));
      await withEmulator(promptJobs, async (client, { hub }) => {
        hub.createDevice({ deviceId: 'a' });
        await finishedJob(client, {
          type: 'export',
          outputBlobContainerUri: blobs.uri(),
          outputBlobName: 'all.ndjson',
        });
        expect((await blobs.lines('all.ndjson')).map((line) => JSON.parse(line).id)).toEqual(['a']);
        expect(await blobs.get('devices.txt')).toBeUndefined();
      });
    });

    test('an export contains all of thousands of identities, with any ids', async () => {
      const blobs = await container();
      await withEmulator(promptJobs, async (client, { hub }) => {
        for (const deviceId of specialDeviceIds) hub.createDevice({ deviceId });
        for (let index = 0; index < 20_000; index += 1) hub.createDevice({ deviceId: `d${index}` });
        hub.createModule("a'b", { moduleId: 'm' });
        await finishedJob(client, { type: 'export', outputBlobContainerUri: blobs.uri() });
        const ids = (await blobs.lines('devices.txt')).map((line) => JSON.parse(line).id);
        expect(ids).toHaveLength(20_001 + specialDeviceIds.length);
        expect(new Set(ids)).toEqual(new Set([...hub.devices()].map(({ deviceId }) => deviceId)));
      });
    });

    test('an export of an empty hub has no lines', async () => {
      const blobs = await container();
      await withEmulator(promptJobs, async (client) => {
        await finishedJob(client, { type: 'export', outputBlobContainerUri: blobs.uri() });
        expect(await blobs.get('devices.txt')).toBe('');
      });
    });
  });
});
