import {
  type CloudEvent,
  type EventGridEvent,
  type IotHubDeviceCreatedEventData,
  isSystemEvent,
} from '@azure/eventgrid';
import { type DeviceKey, isDeviceId } from '../deviceKey.ts';

/** Why an event is acknowledged without another look. */
export type Ignored = 'notAnEvent' | 'otherType' | 'moduleEvent' | 'noHub' | 'unknownHub' | 'badDeviceId';

/** The fields by the names that Microsoft's types give them; whether they hold what those types say is not known. */
type Untrusted<Type> = { [Field in keyof Type]?: unknown };
type UntrustedEvent = Untrusted<EventGridEvent<unknown> & CloudEvent<unknown>>;
type UntrustedData = Untrusted<IotHubDeviceCreatedEventData> & { moduleId?: unknown };

/** Event Grid writes 28 characters; this goes into queue messages. */
const longestTime = 40;
/** `…/providers/Microsoft.Devices/IotHubs/{hub}`; Event Grid writes it in upper case. */
const hubTopicPattern = /\/providers\/microsoft\.devices\/iothubs\/([^/]+)$/i;

/**
 * Takes the key out of a DeviceCreated event, in the Event Grid schema or as CloudEvents 1.0, and trusts nothing else in
 * it. The hub must be one of `hubs` (our configuration: keys by the names in events): an event never says where to connect to.
 */
export function readDeviceCreated(
  event: unknown,
  hubs: { get(eventName: string): string | undefined },
): { key: DeviceKey } | { ignored: Ignored } {
  if (!isObject(event) || !isObject(event.data)) return { ignored: 'notAnEvent' };
  // Looks only at `eventType`, or at `type` where there is a `source`. Its claim about the data is not taken over.
  if (!isSystemEvent('Microsoft.Devices.DeviceCreated', event as UntrustedEvent as EventGridEvent<unknown>)) {
    return { ignored: 'otherType' };
  }
  const { topic, source }: UntrustedEvent = event;
  const { deviceId, moduleId, hubName }: UntrustedData = event.data;
  // Modules are not known to raise this event; if they do, it may be our own doing, and must not come round again.
  if (moduleId !== undefined && moduleId !== null) return { ignored: 'moduleEvent' };
  const named = typeof hubName === 'string' ? hubName.toLowerCase() : hubOfTopic(topic ?? source);
  if (named === undefined) return { ignored: 'noHub' };
  const hub = hubs.get(named);
  if (hub === undefined) return { ignored: 'unknownHub' };
  if (!isDeviceId(deviceId)) return { ignored: 'badDeviceId' };
  return { key: { hub, deviceId } };
}

/** When the event says that it happened (ISO 8601), in either schema; undefined if it does not say so in that form. */
export function eventTimeOf(event: unknown): string | undefined {
  const { eventTime, time: cloudTime }: UntrustedEvent = isObject(event) ? event : {};
  const time = eventTime ?? cloudTime;
  return typeof time === 'string' && time.length < longestTime && !Number.isNaN(Date.parse(time)) ? time : undefined;
}

function hubOfTopic(topic: unknown): string | undefined {
  return typeof topic === 'string' ? hubTopicPattern.exec(topic)?.[1]?.toLowerCase() : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
