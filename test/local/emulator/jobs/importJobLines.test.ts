import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Emulator } from '../../../../local/emulator/emulator.ts';
import type { HubClient } from '../hubClient.ts';
import { withEmulator } from '../withEmulator.ts';
import { blobContainers, type TestContainer } from './blobContainers.ts';
import { finishedJob, type Job, promptJobs } from './jobCalls.ts';

const container = blobContainers();
const enabled = { status: 'enabled' };

async function runImport(client: HubClient, blobs: TestContainer, text: string): Promise<Job> {
  await blobs.put('devices.txt', text);
  return finishedJob(client, {
    ...{ type: 'import', inputBlobContainerUri: blobs.uri('rl'), outputBlobContainerUri: blobs.uri() },
  });
}

/** Imports entries as JSON, one on each line; returns the lines of importErrors.log. */
async function importEntries(client: HubClient, blobs: TestContainer, entries: readonly object[]): Promise<unknown[]> {
  const job = await runImport(client, blobs, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  expect(job).toMatchObject({ status: 'completed', progress: 100 });
  expect(job).not.toHaveProperty('failureReason');
  return (await blobs.lines('importErrors.log')).map((line) => JSON.parse(line));
}

describe('The lines of an import', () => {
  describe('shape', () => {
    test('failed import lines are in importErrors.log with id, number and reason, and the job completes', async () => {
      const blobs = await container();
      await withEmulator(promptJobs, async (client, { hub }) => {
        hub.createDevice({ deviceId: 'there' });
        const errors = await importEntries(client, blobs, [
          { id: 'there', importMode: 'create', ...enabled },
          { id: 'gone', importMode: 'update', ...enabled },
          { id: 'good', importMode: 'create', ...enabled },
        ]);
        expect(errors).toEqual([
          { deviceId: 'there', errorCode: 409001, errorStatus: expect.any(String) },
          { deviceId: 'gone', errorCode: 404001, errorStatus: expect.any(String) },
        ]);
        expect(hub.device('good')).toBeDefined();
      });
    });

    test('an import without failures writes an empty importErrors.log', async () => {
      const blobs = await container();
      await withEmulator(promptJobs, async (client) => {
        await importEntries(client, blobs, [{ id: 'a', ...enabled }]);
        expect(await blobs.get('importErrors.log')).toBe('');
      });
    });
  });

  describe('validation', () => {
    test('import lines need JSON with id, valid mode and status; invalid lines do not affect others', async () => {
      const blobs = await container();
      const lines = ['Warning: no keys', '[]', '{"id":"no-status"}', '{"id":"a b","status":"enabled"}', ''];
      const modes = '{"id":"mode","importMode":"replace","status":"enabled"}';
      await withEmulator(promptJobs, async (client, { hub }) => {
        const text = [...lines, modes, '{"id":"last","status":"Enabled"}'].join('\r\n');
        expect(await runImport(client, blobs, `\ufeff${text}`)).toMatchObject({ status: 'completed' });
        const errors = (await blobs.lines('importErrors.log')).map((line) => JSON.parse(line));
        expect(errors).toMatchObject([
          {
            errorCode: 400012,
            errorStatus: expect.stringMatching(/^Invalid device format in line: Warning: no keys\./),
          },
          { errorCode: 400012 },
          { errorCode: 400012, errorStatus: expect.stringContaining("'status'") },
          { deviceId: 'a b', errorCode: 400004 },
          { deviceId: 'mode', errorCode: 400004 },
        ]);
        expect([...hub.devices()].map(({ deviceId }) => deviceId)).toEqual(['last']);
      });
    });

    test('import lines for system modules fail', async () => {
      const blobs = await container();
      await withEmulator(promptJobs, async (client, { hub }) => {
        hub.createDevice({ deviceId: 'gateway', edge: true });
        const errors = await importEntries(client, blobs, [{ id: 'gateway', moduleId: '$edgeAgent', ...enabled }]);
        expect(errors).toEqual([
          { deviceId: 'gateway', moduleId: '$edgeAgent', errorCode: 401100, errorStatus: expect.any(String) },
        ]);
      });
    });
  });

  describe('behaviour', () => {
    test('import lines without mode create missing and overwrite existing identities', async () => {
      const blobs = await container();
      await withEmulator(promptJobs, async (client, { hub }) => {
        hub.createDevice({ deviceId: 'old', tags: { kept: 1 } });
        const before = hub.keyHash('old');
        const errors = await importEntries(client, blobs, [
          { id: 'old', status: 'disabled', statusReason: 'resting', tags: { site: 'cork' } },
          { id: 'new', ...enabled, tags: { site: 'brno' }, properties: { desired: { level: 2 } } },
          { id: 'new', moduleId: 'm', ...enabled, properties: { desired: { level: 3 } } },
        ]);
        expect(errors).toEqual([]);
        expect(hub.device('old')).toMatchObject({ status: 'disabled' });
        expect(hub.twin('old')).toMatchObject({ tags: { kept: 1, site: 'cork' } });
        expect(hub.keyHash('old')).not.toBe(before);
        expect(hub.twin('new')).toMatchObject({ tags: { site: 'brno' }, properties: { desired: { level: 2 } } });
        expect(hub.twin('new', 'm')).toMatchObject({ properties: { desired: { level: 3 } } });
      });
    });

    test('imports may change modules of disabled devices, unlike single calls under SAS', async () => {
      const blobs = await container();
      await withEmulator(promptJobs, async (client, { hub }) => {
        hub.createDevice({ deviceId: 'a', status: 'disabled' });
        expect(await importEntries(client, blobs, [{ id: 'a', moduleId: 'm', ...enabled }])).toEqual([]);
        expect(hub.module('a', 'm')).toBeDefined();
      });
    });

    test('import lines near the identity limit fail one by one with 403002, while a single create succeeds', async () => {
      const blobs = await container();
      await withEmulator({ ...promptJobs, maxIdentities: 5, importMarginIdentities: 2 }, async (client, { hub }) => {
        const entries = ['a', 'b', 'c', 'd'].map((id) => ({ id, importMode: 'create', ...enabled }));
        const errors = await importEntries(client, blobs, entries);
        expect(errors).toMatchObject([{ deviceId: 'd', errorCode: 403002 }]);
        expect(hub.counts.devices).toBe(3);
        expect(await importEntries(client, blobs, [{ id: 'a', status: 'disabled' }])).toEqual([]);
        expect((await client.send('PUT', '/devices/d', { body: { deviceId: 'd' } })).status).toBe(200);
      });
    });

    test('importing an export gives another hub the same identities, keys and twins', async () => {
      const blobs = await container();
      const state = ({ hub }: Emulator) =>
        [...hub.devices()]
          .flatMap(({ deviceId, moduleIds }) => [[deviceId], ...moduleIds.map((id) => [deviceId, id])])
          .map(([deviceId = '', moduleId]) => {
            const { status, authenticationType, tags, properties } = hub.twin(deviceId, moduleId) as {
              [name: string]: unknown;
            } & { properties: { desired: { [name: string]: unknown } } };
            const { $metadata: _metadata, ...desired } = properties.desired;
            return {
              deviceId,
              moduleId,
              status,
              authenticationType,
              tags,
              desired,
              keys: authenticationType === 'sas' && hub.keyHash(deviceId, moduleId),
            };
          });
      await withEmulator(promptJobs, async (client, from) => {
        from.hub.createDevice({ deviceId: "a'b", tags: { site: 'cork', list: [1, { deep: null }] } });
        from.hub.createModule("a'b", { moduleId: 'm', desired: { level: 1 } });
        from.hub.createDevice({ deviceId: 'ca', status: 'disabled', authentication: { type: 'certificateAuthority' } });
        from.hub.createModule('ca', { moduleId: 'm', authentication: { type: 'certificateAuthority' } });
        await finishedJob(client, { type: 'export', outputBlobContainerUri: blobs.uri() });
        await withEmulator(promptJobs, async (other, to) => {
          const job = await finishedJob(other, {
            ...{ type: 'import', inputBlobContainerUri: blobs.uri('r'), outputBlobContainerUri: blobs.uri() },
          });
          expect(job).toMatchObject({ status: 'completed' });
          expect(await blobs.get('importErrors.log')).toBe('');
          expect(state(to)).toEqual(state(from));
        });
      });
    });

    test('an import of any lines ends as completed', async () => {
      const blobs = await container();
      await withEmulator(promptJobs, async (client) => {
        const line = fc.oneof(
          fc.json(),
          fc.string(),
          fc.object().map((object) => JSON.stringify({ id: 'a', ...object })),
        );
        await fc.assert(
          fc.asyncProperty(fc.array(line, { maxLength: 30 }), async (lines) => {
            expect(await runImport(client, blobs, lines.join('\n'))).toMatchObject({ status: 'completed' });
          }),
          { numRuns: 25 },
        );
      });
    });
  });
});
