import { randomUUID } from 'node:crypto';
import type { EventGridEvent } from '../../eventGrid/eventGridEvent.ts';
import { timeText } from '../wire/timeText.ts';
import type { DeviceRow } from './identityRow.ts';
import { twinJson } from './twinJson.ts';

const subscriptionId = '00000000-0000-0000-0000-000000000000';

/**
 * `Microsoft.Devices.DeviceCreated` as on Microsoft's page "Azure IoT Hub as an Event Grid source": the topic is the
 * hub's resource id in upper case; the twin has neither tags nor capabilities; `deviceEtag` is the text "null".
 */
export function deviceCreatedEvent(row: DeviceRow, hubName: string): EventGridEvent {
  const group = 'MODULE-KEEPER-LOCAL';
  const twin = twinJson(row, ['tags', 'capabilities', 'statusReason', 'deviceScope', 'parentScopes']);
  return {
    id: randomUUID(),
    topic: `/SUBSCRIPTIONS/${subscriptionId}/RESOURCEGROUPS/${group}/PROVIDERS/MICROSOFT.DEVICES/IOTHUBS/${hubName.toUpperCase()}`,
    subject: `devices/${row.deviceId}`,
    eventType: 'Microsoft.Devices.DeviceCreated',
    eventTime: timeText(row.createdMicros),
    data: {
      twin: {
        ...twin,
        deviceEtag: 'null',
        statusUpdateTime: '0001-01-01T00:00:00',
        lastActivityTime: '0001-01-01T00:00:00',
      },
      hubName,
      deviceId: row.deviceId,
    },
    dataVersion: '1',
    metadataVersion: '1',
  };
}
