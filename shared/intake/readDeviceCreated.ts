import {
  type CloudEvent,
  type EventGridEvent,
  type IotHubDeviceCreatedEventData,
  isSystemEvent,
} from '@azure/eventgrid';
import { type DeviceKey, isDeviceId } from '../deviceKey.ts';

/** Why an event is acknowledged and ignored. */
export type Ignored =
  | 'notAnEvent'
  | 'otherType'
  | 'moduleEvent'
  | 'noHub'
  | 'unknownHub'
  | 'badDeviceId'
  | 'unreadableId';

/** Members named as in Microsoft's types, but with values of unknown type, because an event is untrusted input. */
type Untrusted<Type> = { [Field in keyof Type]?: unknown };
type UntrustedEvent = Untrusted<EventGridEvent<unknown> & CloudEvent<unknown>>;
type UntrustedData = Untrusted<IotHubDeviceCreatedEventData> & { moduleId?: unknown };

/** The longest time text that is copied into a queue message; the times of Event Grid have 28 characters (observed). */
const maxTimeLength = 40;
/** `…/providers/Microsoft.Devices/IotHubs/{hub}`; Event Grid writes it in upper case. */
const hubTopicPattern = /\/providers\/microsoft\.devices\/iothubs\/([^/]+)$/i;

/**
 * The form that the host's event parser (Json.NET) gives to a string that is wholly a date with a time. All its characters
 * are legal in a device id, so an id of this form may not be the one that was sent.
 */
const rewrittenDatePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/;
/** The prefix of `subject`. Because of it the host does not take the text for a date, and leaves it as it was sent. */
const subjectPrefix = 'devices/';

/**
 * Reads the device key from a DeviceCreated event, in the Event Grid schema or as CloudEvents 1.0, and uses nothing else of
 * it. `hubs` holds the keys of the
 * configured hubs by the names in their events: a host name never comes from an event.
 */
export function readDeviceCreated(
  event: unknown,
  hubs: { get(eventName: string): string | undefined },
): { key: DeviceKey } | { ignored: Ignored } {
  if (!isObject(event) || !isObject(event.data)) return { ignored: 'notAnEvent' };
  // Checks only `eventType`, or `type` if there is a `source`. The type that it asserts for the data is not used.
  if (!isSystemEvent('Microsoft.Devices.DeviceCreated', event as UntrustedEvent as EventGridEvent<unknown>)) {
    return { ignored: 'otherType' };
  }
  const { topic, source, subject }: UntrustedEvent = event;
  const { deviceId, moduleId, hubName }: UntrustedData = event.data;
  // Not documented for modules. If a hub sends it for modules too, the app's own creates would cause such events.
  if (moduleId !== undefined && moduleId !== null) return { ignored: 'moduleEvent' };
  const named = typeof hubName === 'string' ? hubName.toLowerCase() : hubOfTopic(topic ?? source);
  if (named === undefined) return { ignored: 'noHub' };
  const hub = hubs.get(named);
  if (hub === undefined) return { ignored: 'unknownHub' };
  if (!isDeviceId(deviceId)) return { ignored: 'badDeviceId' };
  if (!rewrittenDatePattern.test(deviceId)) return { key: { hub, deviceId } };
  const sentId = idOfSubject(subject);
  // The next sweep finds the device.
  return isDeviceId(sentId) ? { key: { hub, deviceId: sentId } } : { ignored: 'unreadableId' };
}

/** The event's time (ISO 8601) in either schema; undefined if it is missing or malformed. */
export function eventTimeOf(event: unknown): string | undefined {
  const { eventTime, time: cloudTime }: UntrustedEvent = isObject(event) ? event : {};
  const time = eventTime ?? cloudTime;
  return typeof time === 'string' && time.length < maxTimeLength && !Number.isNaN(Date.parse(time)) ? time : undefined;
}

function idOfSubject(subject: unknown): string | undefined {
  const isOfDevice = typeof subject === 'string' && subject.startsWith(subjectPrefix);
  return isOfDevice ? subject.slice(subjectPrefix.length) : undefined;
}

function hubOfTopic(topic: unknown): string | undefined {
  return typeof topic === 'string' ? hubTopicPattern.exec(topic)?.[1]?.toLowerCase() : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
