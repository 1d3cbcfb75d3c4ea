import { type DeviceKey, isDeviceId } from '../deviceKey.ts';

/** Why an event is acknowledged and ignored. */
export type Ignored = 'notAnEvent' | 'otherType' | 'moduleEvent' | 'noHub' | 'unknownHub' | 'badDeviceId';

const deviceCreatedType = 'Microsoft.Devices.DeviceCreated';
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
  if ((event.eventType ?? event.type) !== deviceCreatedType) return { ignored: 'otherType' };
  const { deviceId, moduleId, hubName } = event.data;
  // Not documented for modules. If a hub sends it for modules too, the app's own creates would cause such events.
  if (moduleId !== undefined && moduleId !== null) return { ignored: 'moduleEvent' };
  const hub = typeof hubName === 'string' ? hubName.toLowerCase() : hubOfTopic(event.topic ?? event.source);
  if (hub === undefined) return { ignored: 'noHub' };
  if (!hubs.has(hub)) return { ignored: 'unknownHub' };
  if (!isDeviceId(deviceId)) return { ignored: 'badDeviceId' };
  return { key: { hub, deviceId } };
}

/** The event's time (ISO 8601) in either schema; undefined if it is missing or malformed. */
export function eventTimeOf(event: unknown): string | undefined {
  const time = isObject(event) ? (event.eventTime ?? event.time) : undefined;
  return typeof time === 'string' && time.length < maxTimeLength && !Number.isNaN(Date.parse(time)) ? time : undefined;
}

function hubOfTopic(topic: unknown): string | undefined {
  return typeof topic === 'string' ? hubTopicPattern.exec(topic)?.[1]?.toLowerCase() : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
