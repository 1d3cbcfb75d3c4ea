/** Returns a DeviceCreated event in the Event Grid schema, like the sample on Microsoft's page event-schema-iot-hub. */
export function deviceCreatedAt(deviceId: string): unknown {
  const twin = {
    deviceId,
    etag: 'AAAAAAAAAAE=',
    status: 'enabled',
    version: 2,
    properties: { desired: {}, reported: {} },
  };
  return {
    id: '2da5e9b4-4e38-04c1-cc58-9da0b37230c0',
    topic: '/SUBSCRIPTIONS/0/RESOURCEGROUPS/R/PROVIDERS/MICROSOFT.DEVICES/IOTHUBS/CONTOSO',
    subject: `devices/${deviceId}`,
    eventType: 'Microsoft.Devices.DeviceCreated',
    eventTime: '2026-11-23T20:00:00Z',
    data: { twin, hubName: 'contoso', deviceId },
    dataVersion: '',
    metadataVersion: '1',
  };
}
