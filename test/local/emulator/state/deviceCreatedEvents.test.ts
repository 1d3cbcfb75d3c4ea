import { describe, expect, test } from '@jest/globals';
import type { EventGridEvent } from '../../../../local/eventGrid/eventGridEvent.ts';
import { withEmulator } from '../withEmulator.ts';

describe('DeviceCreated events', () => {
  test('DeviceCreated is raised once for each device that a caller creates, and for nothing else', async () => {
    await withEmulator({ name: 'Contoso' }, async (client, emulator) => {
      const events: EventGridEvent[] = [];
      emulator.onDeviceCreated((event) => events.push(event));
      emulator.hub.createDevice({ deviceId: 'seeded' });
      await client.send('PUT', '/devices/a', { body: { deviceId: 'a' } });
      await client.send('PUT', '/devices/a', { body: { deviceId: 'a' } });
      await client.send('PUT', '/devices/a', { body: { deviceId: 'a' }, headers: { 'if-match': '*' } });
      await client.send('PUT', '/devices/a/modules/m', { body: { deviceId: 'a', moduleId: 'm' } });
      const bulk = ['b', 'c', 'seeded'].map((id) => ({ id, importMode: 'create' }));
      await client.send('POST', '/devices', { body: bulk });
      expect(events.map((event) => (event.data as { deviceId: string }).deviceId)).toEqual(['a', 'b', 'c']);
      expect(new Set(events.map((event) => event.id)).size).toBe(3);
    });
  });

  test('DeviceCreated events have the documented format', async () => {
    await withEmulator({ name: 'Contoso' }, async (client, emulator) => {
      const events: EventGridEvent[] = [];
      emulator.onDeviceCreated((event) => events.push(event));
      const body = { deviceId: 'edge', capabilities: { iotEdge: true } };
      await client.send('PUT', '/devices/edge', { body });
      const section = { $metadata: { $lastUpdated: expect.stringMatching(/Z$/) }, $version: 1 };
      expect(events).toEqual([
        {
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          topic: expect.stringMatching(/^\/SUBSCRIPTIONS\/.*\/PROVIDERS\/MICROSOFT\.DEVICES\/IOTHUBS\/CONTOSO$/),
          subject: 'devices/edge',
          eventType: 'Microsoft.Devices.DeviceCreated',
          eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
          data: {
            twin: {
              deviceId: 'edge',
              etag: 'AAAAAAAAAAE=',
              deviceEtag: 'null',
              status: 'enabled',
              statusUpdateTime: '0001-01-01T00:00:00',
              connectionState: 'Disconnected',
              lastActivityTime: '0001-01-01T00:00:00',
              cloudToDeviceMessageCount: 0,
              authenticationType: 'sas',
              x509Thumbprint: { primaryThumbprint: null, secondaryThumbprint: null },
              version: 2,
              properties: { desired: section, reported: section },
            },
            hubName: 'Contoso',
            deviceId: 'edge',
          },
          dataVersion: '1',
          metadataVersion: '1',
        },
      ]);
    });
  });
});
