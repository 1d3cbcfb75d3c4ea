import { type DeviceKey, isDeviceId } from '../deviceKey.ts';
import { parsedJson } from '../parsedJson.ts';
import type { IdentityChange } from '../policy/concernsPolicy.ts';

/** One event of an event hub. Every value is untrusted input: devices send events to the same endpoint. */
export interface RoutedEvent {
  /** The application properties, which the hub sets in its own events and a device sets in its messages. */
  properties: unknown;
  /** The system properties, which only the hub can set. */
  systemProperties: unknown;
  /** The body: bytes, which should be JSON, or the value that the host parsed. */
  body: unknown;
}

/** A change that one of the app's hubs reports. */
export interface ReportedChange extends IdentityChange {
  key: DeviceKey;
  /** The time of the change; ISO 8601. Undefined if the event has no valid time. */
  eventTime: string | undefined;
}

/** Why an event is ignored. `otherType`: not a lifecycle event or a twin change, but for example a message of a device. */
export type IgnoredChange = 'notAnEvent' | 'otherType' | 'noHub' | 'unknownHub' | 'badId';

type Operations = ReadonlyMap<unknown, IdentityChange['what']>;

/**
 * The operation types (`opType`) by message source. Microsoft's page "Azure IoT Hub non-telemetry event schemas" writes
 * `…DeviceIdentity` for modules too, with a module id; the route in the documentation of Device Update for IoT Hub tests for
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

/** The message source by schema, for a custom endpoint, which may get no message source (the page named at `operations`). */
const sourcesBySchema: ReadonlyMap<unknown, string> = new Map([
  ['deviceLifecycleNotification', 'deviceLifecycleEvents'],
  ['twinChangeNotification', 'twinChangeEvents'],
]);

/** A time text of this length or more is not copied into a queue message; the times of a hub have 28 characters. */
const maxTimeLength = 40;

/**
 * Reads one event of a hub's message routing. Takes from it only the hub, the device, the module, the kind of change and its time,
 * and the sections of a twin update. `hubs` has the hub names of the settings by the names in events.
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
  // An event about a device may have an empty module id (`"module": ""` in the examples of the page).
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

/** The sections in the body of a twin update, which contains only the changed members; undefined if the body is not an object. */
function sectionsOf(sent: unknown): IdentityChange['sections'] {
  const body = sent instanceof Uint8Array ? parsedJson(Buffer.from(sent).toString('utf8')) : sent;
  if (!isObject(body)) return undefined;
  const hasDesired = isObject(body.properties) && body.properties.desired !== undefined;
  return [...(body.tags === undefined ? [] : ['tags' as const]), ...(hasDesired ? ['desired' as const] : [])];
}

function timeOf(time: unknown): string | undefined {
  const isTime = typeof time === 'string' && time.length < maxTimeLength && !Number.isNaN(Date.parse(time));
  return isTime ? time : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
}
