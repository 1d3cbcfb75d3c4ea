import { describe, expect, test } from '@jest/globals';
import { bulk, expectDone, expectErrors, kinds, missingCode, present, unusedIdentity } from './bulkEntries.ts';
import { checkBulkShape } from './bulkShapeCheck.ts';
import { agent, hubUnderTest } from './hubUnderTest.ts';
import { devicePath, modulePath } from './paths.ts';

const hub = hubUnderTest();

describe.each(kinds)('POST /devices, delete a %s', (kind) => {
  checkBulkShape(hub, kind, 'delete');

  describe('validation', () => {
    test('refuses a missing identity, and deletes the others', async () => {
      const [free, there] = [await unusedIdentity(hub, kind), await present(hub, kind)];
      const reply = await bulk(
        hub,
        [free, there].map(({ names }) => ({ ...names, importMode: 'delete' })),
      );
      expectErrors(reply, 'delete', [[free, missingCode(kind)]]);
      expect((await hub.send('GET', there.path)).status).toBe(404);
    });
  });

  describe('behaviour', () => {
    test('deletes the identity with any etag, and its twin', async () => {
      const there = await present(hub, kind);
      expectDone(await bulk(hub, [{ ...there.names, importMode: 'delete', eTag: 'c3RhbGU=' }]));
      expect((await hub.send('GET', there.path)).status).toBe(404);
      expect((await hub.send('GET', there.twinPath)).status).toBe(404);
    });
  });
});

describe('POST /devices, delete', () => {
  test('deletes the modules of a deleted device', async () => {
    const { id } = await present(hub, 'module');
    expectDone(await bulk(hub, [{ id, importMode: 'delete' }]));
    expect((await hub.send('PUT', devicePath(id), { body: { deviceId: id } })).status).toBe(200);
    expect((await hub.send('GET', modulePath(id, agent))).status).toBe(404);
  });

  test('refuses to delete system modules', async () => {
    const id = await hub.makeDevice({ capabilities: { iotEdge: true } });
    const reply = await bulk(hub, [{ id, moduleId: '$edgeHub', importMode: 'delete' }]);
    expect([reply.status, reply.body]).toMatchObject([
      400,
      { errors: [{ errorCode: 'SystemModuleModifyUnauthorizedAccess' }] },
    ]);
    expect((await hub.send('GET', modulePath(id, '$edgeHub'))).status).toBe(200);
  });
});
