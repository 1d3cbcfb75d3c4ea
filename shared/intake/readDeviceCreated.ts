import { type DeviceKey, isDeviceId } from '../deviceKey.ts';

/** Why an event is acknowledged without another look. */
export type Ignored = 'notAnEvent' | 'otherType' | 'moduleEvent' | 'noHub' | 'unknownHub' | 'badDeviceId';

const deviceCreatedType = 'Microsoft.Devices.DeviceCreated';
/** Event Grid writes 28 characters; this goes into queue messages. */
const longestTime = 40;
/** `…/providers/Microsoft.Devices/IotHubs/{hub}`; Event Grid writes it in upper case. */
const hubTopicPattern = /\/providers\/microsoft\.devices\/iothubs\/([^/]+)$/i;

/**
 * Takes the key out of a DeviceCreated event, in the Event Grid schema or as CloudEvents 1.0, and trusts nothing else in
 * it. The hub must be one of `hubs` (our configuration, by name): an event never says where to connect to.
 */
export function readDeviceCreated(
  event: unknown,
  hubs: { has(hub: string): boolean },
): { key: DeviceKey } | { ignored: Ignored } {
  if (!isObject(event) || !isObject(event.data)) return { ignored: 'notAnEvent' };
  if ((event.eventType ?? event.type) !== deviceCreatedType) return { ignored: 'otherType' };
  const { deviceId, moduleId, hubName } = event.data;
  // Modules are not known to raise this event; if they do, it may be our own doing, and must not come round again.
  if (moduleId !== undefined && moduleId !== null) return { ignored: 'moduleEvent' };
  const hub = typeof hubName === 'string' ? hubName.toLowerCase() : hubOfTopic(event.topic ?? event.source);
  if (hub === undefined) return { ignored: 'noHub' };
  if (!hubs.has(hub)) return { ignored: 'unknownHub' };
  if (!isDeviceId(deviceId)) return { ignored: 'badDeviceId' };
  return { key: { hub, deviceId } };
}

/** When the event says that it happened (ISO 8601), in either schema; undefined if it does not say so in that form. */
export function eventTimeOf(event: unknown): string | undefined {
  const time = isObject(event) ? (event.eventTime ?? event.time) : undefined;
  return typeof time === 'string' && time.length < longestTime && !Number.isNaN(Date.parse(time)) ? time : undefined;
}

function hubOfTopic(topic: unknown): string | undefined {
  return typeof topic === 'string' ? hubTopicPattern.exec(topic)?.[1]?.toLowerCase() : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
