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

/** The members of Microsoft's type with values of unknown type, because an event is untrusted input. */
type Untrusted<Type> = { [Field in keyof Type]?: unknown };
type UntrustedEvent = Untrusted<EventGridEvent<unknown> & CloudEvent<unknown>>;
type UntrustedData = Untrusted<IotHubDeviceCreatedEventData> & { moduleId?: unknown };

/** A time text of this length or more is not copied into a queue message; those of Event Grid have 28 characters (observed). */
const maxTimeLength = 40;
/** `…/providers/Microsoft.Devices/IotHubs/{hub}`; Event Grid writes it in upper case. */
const hubTopicPattern = /\/providers\/microsoft\.devices\/iothubs\/([^/]+)$/i;

/**
 * The host's event parser (Json.NET) rewrites a string that consists only of a date with a time into this form. All characters of
 * the form are valid in a device id, so an id of this form may differ from the id that was sent.
 */
const rewrittenDatePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/;
/** The prefix of the id in `subject`. With the prefix the text is not a date, so the host does not rewrite it. */
const subjectPrefix = 'devices/';

/**
 * Reads only the device key from a DeviceCreated event, in the Event Grid schema or as CloudEvents 1.0. `hubs` has the hub names
 * of the settings by the names in events, so that no host name comes from an event.
 */
export function readDeviceCreated(
  event: unknown,
  hubs: { get(eventName: string): string | undefined },
): { key: DeviceKey } | { ignored: Ignored } {
  if (!isObject(event) || !isObject(event.data)) return { ignored: 'notAnEvent' };
  // `isSystemEvent` checks only `eventType`, or `type` if there is a `source`. It does not check the data.
  if (!isSystemEvent('Microsoft.Devices.DeviceCreated', event as UntrustedEvent as EventGridEvent<unknown>)) {
    return { ignored: 'otherType' };
  }
  const { topic, source, subject }: UntrustedEvent = event;
  const { deviceId, moduleId, hubName }: UntrustedData = event.data;
  // Microsoft documents the event only for devices. If a hub sent it for modules too, the app's own creates would cause events.
  if (moduleId !== undefined && moduleId !== null) return { ignored: 'moduleEvent' };
  const named = typeof hubName === 'string' ? hubName.toLowerCase() : hubOfTopic(topic ?? source);
  if (named === undefined) return { ignored: 'noHub' };
  const hub = hubs.get(named);
  if (hub === undefined) return { ignored: 'unknownHub' };
  if (!isDeviceId(deviceId)) return { ignored: 'badDeviceId' };
  if (!rewrittenDatePattern.test(deviceId)) return { key: { hub, deviceId } };
  const sentId = idOfSubject(subject);
  // If the event is ignored, the next sweep finds the device.
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
