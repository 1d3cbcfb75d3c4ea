import type { EventGridEvent } from '../../../local/eventGrid/eventGridEvent.ts';

/** The DeviceCreated sample of https://learn.microsoft.com/azure/event-grid/event-schema-iot-hub, with real values. */
export function deviceCreatedSample(deviceId = 'LogicAppTestDevice'): EventGridEvent {
  const metadata = { $lastUpdated: '2018-01-02T19:17:44.4383997Z' };
  return {
    id: '2da5e9b4-4e38-04c1-cc58-9da0b37230c0',
    topic:
      '/SUBSCRIPTIONS/11111111-2222-3333-4444-555555555555/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.DEVICES/IOTHUBS/EGTESTHUB1',
    subject: `devices/${deviceId}`,
    eventType: 'Microsoft.Devices.DeviceCreated',
    eventTime: '2018-01-02T19:17:44.4383997Z',
    data: {
      twin: {
        deviceId,
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
        properties: {
          desired: { $metadata: metadata, $version: 1 },
          reported: { $metadata: metadata, $version: 1 },
        },
      },
      hubName: 'egtesthub1',
      deviceId,
    },
    dataVersion: '1',
    metadataVersion: '1',
  };
}
