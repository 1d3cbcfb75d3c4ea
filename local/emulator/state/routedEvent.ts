import { randomUUID } from 'node:crypto';
import type { HubEvent } from '../../eventHub/hubEvent.ts';
import type { JsonObject } from '../wire/jsonObject.ts';
import { type Micros, timeText } from '../wire/timeText.ts';
import { DeviceRow, type ModuleRow } from './identityRow.ts';
import type { TwinChange } from './twinChange.ts';
import { twinJson, twinOf } from './twinJson.ts';
import { sectionJson } from './twinRecord.ts';

/** What happened to an identity. `twin`: the change that was made to it. */
export type IdentityReport = { row: DeviceRow | ModuleRow; atMicros: Micros } & (
  | { what: 'created' | 'deleted' }
  | { what: 'twin'; change: TwinChange }
);

/** Members of a twin that the documented body of a lifecycle event does not have. */
const leftOut = [
  ...['deviceEtag', 'status', 'statusReason', 'statusUpdateTime', 'connectionState', 'lastActivityTime'],
  ...[
    'cloudToDeviceMessageCount',
    'authenticationType',
    'x509Thumbprint',
    'capabilities',
    'deviceScope',
    'parentScopes',
  ],
];

/**
 * The event that message routing sends, as on Microsoft's page "Azure IoT Hub non-telemetry event schemas". The `opType` of a module
 * is that of a device; only the event of a module has a `moduleId`.
 */
export function routedEvent(report: IdentityReport, hubName: string): HubEvent {
  const { row, atMicros } = report;
  const deviceId = row instanceof DeviceRow ? row.deviceId : row.device.deviceId;
  const moduleId = row instanceof DeviceRow ? undefined : row.moduleId;
  const isTwin = report.what === 'twin';
  const correlationId = randomUUID().replaceAll('-', '').slice(0, 10);
  return {
    partitionKey: deviceId,
    properties: {
      ...{ hubName, deviceId, operationTimestamp: timeText(atMicros) },
      ...(moduleId === undefined ? {} : { moduleId }),
      'iothub-message-schema': isTwin ? 'twinChangeNotification' : 'deviceLifecycleNotification',
      opType: opTypeOf(report),
    },
    systemProperties: {
      ...{ 'content-encoding': 'utf-8', 'content-type': 'application/json' },
      ...{ 'correlation-id': correlationId, 'user-id': hubName, 'iothub-connection-device-id': deviceId },
      ...(moduleId === undefined ? {} : { 'iothub-connection-module-id': moduleId }),
      'iothub-enqueuedtime': Math.round(atMicros / 1000),
      'iothub-message-source': isTwin ? 'twinChangeEvents' : 'deviceLifecycleEvents',
    },
    body: JSON.stringify(isTwin && !report.change.replace ? updateBody(row, report.change) : twinJson(row, leftOut)),
  };
}

function opTypeOf(report: IdentityReport): string {
  switch (report.what) {
    case 'created':
      return 'createDeviceIdentity';
    case 'deleted':
      return 'deleteDeviceIdentity';
    case 'twin':
      return report.change.replace ? 'replaceTwin' : 'updateTwin';
  }
}

/** Only what was changed, with the metadata of these members. */
function updateBody(row: DeviceRow | ModuleRow, { tags, desired }: TwinChange): JsonObject {
  const twin = twinOf(row);
  const { version } = twinJson(row);
  const names = ['$lastUpdated', '$lastUpdatedVersion', ...Object.keys(desired ?? {})];
  const metadata = Object.fromEntries(Object.entries(twin.desired.metadata).filter(([name]) => names.includes(name)));
  return {
    version,
    ...(tags === undefined ? {} : { tags }),
    ...(desired === undefined
      ? {}
      : { properties: { desired: sectionJson({ version: twin.desired.version, values: desired ?? {}, metadata }) } }),
  };
}
