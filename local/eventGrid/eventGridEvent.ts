/**
 * An event in Event Grid's own schema, as plain JSON
 * (https://learn.microsoft.com/azure/event-grid/event-schema; for hubs: .../event-grid/event-schema-iot-hub).
 */
export interface EventGridEvent {
  id: string;
  /** The ARM id of the source; Azure writes a hub's in upper case. */
  topic: string;
  subject: string;
  eventType: string;
  /** ISO 8601, UTC. */
  eventTime: string;
  data: unknown;
  dataVersion: string;
  metadataVersion: string;
}

/** An event in CloudEvents 1.0, JSON format. */
export interface CloudEvent {
  specversion: '1.0';
  id: string;
  source: string;
  subject: string;
  type: string;
  /** ISO 8601, UTC. */
  time: string;
  data: unknown;
}

export type DeliverySchema = 'EventGridSchema' | 'CloudEventSchemaV1_0';

/**
 * Converts an event to CloudEvents 1.0 as Event Grid does: the same id, subject and data; `topic` becomes `source`; the
 * two version fields are omitted.
 */
export function toCloudEvent(event: EventGridEvent): CloudEvent {
  return {
    specversion: '1.0',
    id: event.id,
    source: event.topic,
    subject: event.subject,
    type: event.eventType,
    time: event.eventTime,
    data: event.data,
  };
}
