import type { RoutedEvent } from '../../../shared/intake/readIdentityChange.ts';

/**
 * Microsoft's samples of routed events ("Azure IoT Hub non-telemetry event schemas"), as the Functions host passes them on: system
 * properties and annotations stand together (Azure/azure-sdk-for-net, EventHubTriggerBindingStrategy).
 */
interface SampleOptions {
  opType?: string;
  deviceId?: string;
  moduleId?: string | undefined;
  hubName?: string;
}

export function lifecycleSample(options: SampleOptions = {}): Required<RoutedEvent> {
  const { opType = 'createDeviceIdentity', deviceId = 'contoso-device-2', hubName = 'contoso-routing-hub' } = options;
  const moduleId = 'moduleId' in options ? options.moduleId : 'module-1';
  const version = { $metadata: { $lastUpdated: '0001-01-01T00:00:00Z' }, $version: 1 };
  return routed(
    { deviceId, moduleId, hubName, opType, schema: 'deviceLifecycleNotification', source: 'deviceLifecycleEvents' },
    {
      deviceId,
      ...(moduleId === undefined ? {} : { moduleId }),
      etag: 'AAAAAAAAAAE=',
      version: 2,
      properties: { desired: version, reported: version },
    },
  );
}

export function twinChangeSample(options: SampleOptions & { body?: unknown } = {}): Required<RoutedEvent> {
  const { opType = 'updateTwin', deviceId = 'contoso-device-3', hubName = 'contoso-routing-hub' } = options;
  const moduleId = 'moduleId' in options ? options.moduleId : 'module-1';
  const stamp = { $lastUpdated: '2022-06-01T22:27:50.2612586Z', $lastUpdatedVersion: 6 };
  const desired = { property1: 'new value', $metadata: { ...stamp, property1: stamp }, $version: 6 };
  return routed(
    { deviceId, moduleId, hubName, opType, schema: 'twinChangeNotification', source: 'twinChangeEvents' },
    'body' in options ? options.body : { version: 7, tags: { tag1: 'new value' }, properties: { desired } },
  );
}

/** A message of a device, which may set any application property. */
export function deviceMessage(properties: Record<string, unknown>): Required<RoutedEvent> {
  const systemProperties = {
    'iothub-connection-device-id': 'rogue',
    'iothub-connection-auth-method': '{"scope":"device","type":"sas","issuer":"iothub"}',
    'iothub-enqueuedtime': 1654122470282,
    'iothub-message-source': 'Telemetry',
  };
  return { properties, systemProperties, body: { temperature: 21 } };
}

interface Parts {
  deviceId: string;
  moduleId: string | undefined;
  hubName: string;
  opType: string;
  schema: string;
  source: string;
}

function routed({ deviceId, moduleId, hubName, opType, schema, source }: Parts, body: unknown): Required<RoutedEvent> {
  return {
    properties: {
      ...{ hubName, deviceId, operationTimestamp: '2022-05-27T18:49:38.4904785Z' },
      ...(moduleId === undefined ? {} : { moduleId }),
      ...{ opType, 'iothub-message-schema': schema },
    },
    systemProperties: {
      ...{ 'content-encoding': 'utf-8', 'content-type': 'application/json' },
      ...{ 'correlation-id': 'c5a4e6986c', 'user-id': hubName, 'iothub-connection-device-id': deviceId },
      ...(moduleId === undefined ? {} : { 'iothub-connection-module-id': moduleId }),
      ...{ 'iothub-enqueuedtime': 1653677378534, 'iothub-message-source': source },
    },
    body,
  };
}
