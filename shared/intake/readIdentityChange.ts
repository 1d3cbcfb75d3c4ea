import { type DeviceKey, isDeviceId } from '../deviceKey.ts';
import type { IdentityChange } from '../policy/concernsPolicy.ts';

/** One event of an event hub. Every value is untrusted input: devices send events to the same endpoint. */
export interface RoutedEvent {
  /** The application properties. The hub sets them in its own events, and the device sets them in a message of the device. */
  properties: unknown;
  /** The system properties, which only the hub can set. */
  systemProperties: unknown;
  /** The body: bytes, which should be JSON, or what a host parsed. */
  body: unknown;
}

/** A change that one of the app's hubs reports. */
export interface ReportedChange extends IdentityChange {
  key: DeviceKey;
  /** When it happened; ISO 8601. Undefined if the event does not say it. */
  eventTime: string | undefined;
}

/** Why an event is not used. `otherType`: neither a lifecycle event nor a twin change, but a message of a device, for example. */
export type IgnoredChange = 'notAnEvent' | 'otherType' | 'noHub' | 'unknownHub' | 'badId';

type Operations = ReadonlyMap<unknown, IdentityChange['what']>;

/**
 * The operations by message source. Microsoft's page "Azure IoT Hub non-telemetry event schemas" writes `…DeviceIdentity` for
 * modules too, told apart by the module id; the route in the documentation of Device Update for IoT Hub tests for
 * `deleteModuleIdentity`.
 */
const operations: ReadonlyMap<unknown, Operations> = new Map<string, Operations>([
  [
    'deviceLifecycleEvents',
    new Map([
      ['createDeviceIdentity', 'created'],
      ['createModuleIdentity', 'created'],
      ['deleteDeviceIdentity', 'deleted'],
      ['deleteModuleIdentity', 'deleted'],
    ]),
  ],
  [
    'twinChangeEvents',
    new Map([
      ['updateTwin', 'twinChanged'],
      ['replaceTwin', 'twinChanged'],
    ]),
  ],
]);

/** A custom endpoint may get fewer properties (the same page). If the message source is missing, the schema names it. */
const sourcesBySchema: ReadonlyMap<unknown, string> = new Map([
  ['deviceLifecycleNotification', 'deviceLifecycleEvents'],
  ['twinChangeNotification', 'twinChangeEvents'],
]);

/** The longest time text that is copied into a queue message; the times of the hub have 28 characters. */
const maxTimeLength = 40;

/**
 * Reads one event of a hub's message routing. Takes from it which hub, device and module it is about, what happened, and of a
 * twin update which sections it has, and nothing else. `hubs` has the keys of the configured hubs by the names in their events.
 */
export function readIdentityChange(
  { properties, systemProperties, body }: RoutedEvent,
  hubs: { get(eventName: string): string | undefined },
): { change: ReportedChange } | { ignored: IgnoredChange } {
  if (!isObject(properties) || !isObject(systemProperties)) return { ignored: 'notAnEvent' };
  const { opType, hubName } = properties;
  const source = systemProperties['iothub-message-source'] ?? sourcesBySchema.get(properties['iothub-message-schema']);
  const what = operations.get(source)?.get(opType);
  if (what === undefined) return { ignored: 'otherType' };
  if (typeof hubName !== 'string') return { ignored: 'noHub' };
  const hub = hubs.get(hubName.toLowerCase());
  if (hub === undefined) return { ignored: 'unknownHub' };
  const deviceId = systemProperties['iothub-connection-device-id'] ?? properties.deviceId;
  // An event of a device may have an empty one (`"module": ""` in the examples of the page).
  const moduleId = systemProperties['iothub-connection-module-id'] ?? properties.moduleId ?? '';
  const isOfModule = moduleId !== '' || /module/i.test(String(opType));
  if (!isDeviceId(deviceId) || (isOfModule && !isDeviceId(moduleId))) return { ignored: 'badId' };
  const sections = opType === 'updateTwin' ? sectionsOf(body) : undefined;
  return {
    change: {
      ...{ key: { hub, deviceId }, what, eventTime: timeOf(properties.operationTimestamp) },
      ...(isOfModule ? { moduleId: String(moduleId) } : {}),
      ...(sections ? { sections } : {}),
    },
  };
}

/** The body of an update, which contains only the changed members; undefined if it is not JSON. */
function sectionsOf(sent: unknown): IdentityChange['sections'] {
  const body = sent instanceof Uint8Array ? parseJson(sent) : sent;
  if (!isObject(body)) return undefined;
  const hasDesired = isObject(body.properties) && body.properties.desired !== undefined;
  return [...(body.tags === undefined ? [] : ['tags' as const]), ...(hasDesired ? ['desired' as const] : [])];
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function timeOf(time: unknown): string | undefined {
  const isTime = typeof time === 'string' && time.length < maxTimeLength && !Number.isNaN(Date.parse(time));
  return isTime ? time : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
}
