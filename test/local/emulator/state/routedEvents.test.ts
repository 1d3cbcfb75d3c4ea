import { describe, expect, test } from '@jest/globals';
import type { HubEvent } from '../../../../local/eventHub/hubEvent.ts';
import { lifecycleSample, twinChangeSample } from '../../eventHub/routedSamples.ts';
import { withEmulator } from '../withEmulator.ts';

/** `{operation} {device}/{module}` of an event. */
function line({ properties }: HubEvent): string {
  const { opType, deviceId, moduleId } = properties;
  return `${opType} ${deviceId}${moduleId === undefined ? '' : `/${moduleId}`}`;
}

const keysOf = (value: unknown): string[] => Object.keys(value as object).sort();

describe('events of message routing', () => {
  test('report once all that a caller creates, deletes, or changes in a twin, and nothing that is seeded', async () => {
    await withEmulator({ name: 'Contoso' }, async (client, emulator) => {
      const events: HubEvent[] = [];
      emulator.onRoutedEvent((event) => events.push(event));
      emulator.hub.createDevice({ deviceId: 'seeded' });
      emulator.hub.createModule('seeded', { moduleId: 'm' });
      emulator.hub.patchTags('seeded', { a: 1 });
      emulator.hub.deleteModule('seeded', 'm');
      emulator.hub.deleteDevice('seeded');
      const anyEtag = { headers: { 'if-match': '*' } };
      await client.send('PUT', '/devices/a', { body: { deviceId: 'a' } });
      await client.send('PUT', '/devices/a', { body: { deviceId: 'a' } });
      await client.send('PUT', '/devices/a/modules/m', { body: { deviceId: 'a', moduleId: 'm' } });
      await client.send('PATCH', '/twins/a', { body: { tags: { site: 'north' } } });
      await client.send('PUT', '/twins/a/modules/m', { body: { properties: { desired: { a: 1 } } }, ...anyEtag });
      await client.send('DELETE', '/devices/a/modules/m', anyEtag);
      await client.send('DELETE', '/devices/a/modules/m', anyEtag);
      await client.send('DELETE', '/devices/a', anyEtag);
      const bulk = [
        { id: 'b', importMode: 'create' },
        { id: 'b', moduleId: 'm', importMode: 'create', tags: { a: 1 } },
        { id: 'b', moduleId: 'n', importMode: 'delete' },
      ];
      await client.send('POST', '/devices', { body: bulk });
      expect(events.map(line)).toEqual([
        ...['createDeviceIdentity a', 'createDeviceIdentity a/m', 'updateTwin a', 'replaceTwin a/m'],
        ...['deleteDeviceIdentity a/m', 'deleteDeviceIdentity a', 'createDeviceIdentity b', 'createDeviceIdentity b/m'],
      ]);
    });
  });

  test('have the version of the twin, which reported properties raise too', async () => {
    await withEmulator({ name: 'contoso' }, async (client, emulator) => {
      const events: HubEvent[] = [];
      emulator.hub.createDevice({ deviceId: 'd' });
      emulator.hub.changeDeviceSide('d', undefined, { reported: { level: 1 } });
      emulator.onRoutedEvent((event) => events.push(event));
      await client.send('PATCH', '/twins/d', { body: { tags: { site: 'cork' } } });
      expect(JSON.parse(events[0]?.body ?? '').version).toBe(emulator.hub.twin('d').version);
    });
  });

  test("have the properties and the body of Microsoft's samples", async () => {
    await withEmulator({ name: 'contoso-routing-hub' }, async (client, emulator) => {
      const events: HubEvent[] = [];
      emulator.hub.createDevice({ deviceId: 'd' });
      emulator.onRoutedEvent((event) => events.push(event));
      await client.send('PUT', '/devices/d/modules/module-1', { body: { deviceId: 'd', moduleId: 'module-1' } });
      const body = { tags: { tag1: 'new value' }, properties: { desired: { property1: 'new value' } } };
      await client.send('PATCH', '/twins/d/modules/module-1', { body });
      const samples = [lifecycleSample({ deviceId: 'd' }), twinChangeSample({ deviceId: 'd' })];
      for (const [index, sample] of samples.entries()) {
        const { properties, systemProperties, body: text = '' } = events[index] ?? {};
        const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
        expect(properties).toEqual({ ...(sample.properties as object), operationTimestamp: time });
        expect(systemProperties).toEqual({
          ...(sample.systemProperties as object),
          'correlation-id': expect.stringMatching(/^[0-9a-f]{10}$/),
          'iothub-enqueuedtime': expect.any(Number),
        });
        expect(keysOf(JSON.parse(text))).toEqual(keysOf(sample.body));
      }
      const stamp = { $lastUpdated: expect.any(String), $lastUpdatedVersion: 2 };
      expect(JSON.parse(events[1]?.body ?? '')).toEqual({
        version: 3,
        tags: { tag1: 'new value' },
        properties: {
          desired: { property1: 'new value', $metadata: { ...stamp, property1: stamp }, $version: 2 },
        },
      });
    });
  });
});
