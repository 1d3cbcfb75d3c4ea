import {
  type CloudEvent,
  type EventGridEvent,
  type IotHubDeviceCreatedEventData,
  isSystemEvent,
} from '@azure/eventgrid';
import { type DeviceKey, isDeviceId } from '../deviceKey.ts';

/** Why an event is acknowledged and ignored. */
export type Ignored = 'notAnEvent' | 'otherType' | 'moduleEvent' | 'noHub' | 'unknownHub' | 'badDeviceId';

/** Members named as in Microsoft's types, but with values of unknown type, because an event is untrusted input. */
type Untrusted<Type> = { [Field in keyof Type]?: unknown };
type UntrustedEvent = Untrusted<EventGridEvent<unknown> & CloudEvent<unknown>>;
type UntrustedData = Untrusted<IotHubDeviceCreatedEventData> & { moduleId?: unknown };

/** Limit for what is copied into queue messages; Event Grid's times have 28 characters (observed). */
const maxTimeLength = 40;
/** `…/providers/Microsoft.Devices/IotHubs/{hub}`; Event Grid writes it in upper case. */
const hubTopicPattern = /\/providers\/microsoft\.devices\/iothubs\/([^/]+)$/i;

/**
 * Reads the device key from a DeviceCreated event, in the Event Grid schema or as CloudEvents 1.0, and uses nothing else of
 * it. The hub's name must be in `hubs`, the configured hubs: a host name never comes from an event.
 */
export function readDeviceCreated(
  event: unknown,
  hubs: { has(hub: string): boolean },
): { key: DeviceKey } | { ignored: Ignored } {
  if (!isObject(event) || !isObject(event.data)) return { ignored: 'notAnEvent' };
  // Checks only `eventType`, or `type` if there is a `source`. The type that it asserts for the data is not used.
  if (!isSystemEvent('Microsoft.Devices.DeviceCreated', event as UntrustedEvent as EventGridEvent<unknown>)) {
    return { ignored: 'otherType' };
  }
  const { topic, source }: UntrustedEvent = event;
  const { deviceId, moduleId, hubName }: UntrustedData = event.data;
  // Not documented for modules. If a hub sends it for modules too, the app's own creates would cause such events.
  if (moduleId !== undefined && moduleId !== null) return { ignored: 'moduleEvent' };
  const hub = typeof hubName === 'string' ? hubName.toLowerCase() : hubOfTopic(topic ?? source);
  if (hub === undefined) return { ignored: 'noHub' };
  if (!hubs.has(hub)) return { ignored: 'unknownHub' };
  if (!isDeviceId(deviceId)) return { ignored: 'badDeviceId' };
  return { key: { hub, deviceId } };
}

/** The event's time (ISO 8601) in either schema; undefined if it is missing or malformed. */
export function eventTimeOf(event: unknown): string | undefined {
  const { eventTime, time: cloudTime }: UntrustedEvent = isObject(event) ? event : {};
  const time = eventTime ?? cloudTime;
  return typeof time === 'string' && time.length < maxTimeLength && !Number.isNaN(Date.parse(time)) ? time : undefined;
}

function hubOfTopic(topic: unknown): string | undefined {
  return typeof topic === 'string' ? hubTopicPattern.exec(topic)?.[1]?.toLowerCase() : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
