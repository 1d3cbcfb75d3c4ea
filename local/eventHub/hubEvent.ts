/** An event as it arrives in an event hub. */
export interface HubEvent {
  /** Events with the same key stay in order. For an event of an IoT hub it is the device id. */
  partitionKey: string;
  /** Application properties. */
  properties: Record<string, unknown>;
  /** AMQP properties and annotations together, as clients show them. */
  systemProperties: Record<string, unknown>;
  body: string;
}

/** An event with its place in a partition, as a reader receives it. */
export interface StoredEvent extends HubEvent {
  /** Consecutive within its partition, from 0. */
  sequenceNumber: number;
  /** ISO 8601. */
  enqueuedTime: string;
}
