import { describe, expect, test } from '@jest/globals';
import { bulk, expectDone } from './bulkEntries.ts';
import { hubUnderTest } from './hubUnderTest.ts';
import { devicePath } from './paths.ts';

const hub = hubUnderTest();

/** RegistryManagerE2ETests of azure-iot-sdk-csharp, AddDevices2Async and AddAndRemoveDeviceWithScope. */
describe('deviceScope', () => {
  test('may be any text, also of no device', async () => {
    const [id, other] = [hub.newId(), hub.newId()];
    const deviceScope = `someScope-${id}`;
    expectDone(
      await bulk(
        hub,
        [id, other].map((name) => ({ id: name, importMode: 'create', deviceScope })),
      ),
    );
    for (const name of [id, other])
      expect((await hub.send('GET', devicePath(name))).body).toMatchObject({
        deviceScope,
        parentScopes: [deviceScope],
      });
  });

  test('of a leaf device becomes its only parent scope; an Edge device names its parent in parentScopes', async () => {
    const edge = { capabilities: { iotEdge: true } };
    const scopeOf = async (id: string) =>
      ((await hub.send('GET', devicePath(id))).body as { deviceScope: string }).deviceScope;
    const top = await scopeOf(await hub.makeDevice(edge));
    const middleId = await hub.makeDevice({ ...edge, parentScopes: [top] });
    expect((await hub.send('GET', devicePath(middleId))).body).toMatchObject({ parentScopes: [top] });
    const middle = await scopeOf(middleId);
    const leaf = await hub.makeDevice({ deviceScope: middle });
    expect((await hub.send('GET', devicePath(leaf))).body).toMatchObject({
      deviceScope: middle,
      parentScopes: [middle],
    });
  });
});
