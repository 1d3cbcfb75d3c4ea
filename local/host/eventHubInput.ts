import type { StoredEvent } from '../eventHub/hubEvent.ts';
import type { RpcTypedData } from './coreTypes.ts';
import type { TriggerInput } from './invoker.ts';

/**
 * The input of a function for a batch of events: their bodies, and what else belongs to them in arrays of the metadata, in the same
 * order (Azure/azure-sdk-for-net, EventHubTriggerBindingStrategy). Read in the source, not measured: that the bodies arrive
 * as a collection of strings.
 */
export function eventBatchInput(events: readonly StoredEvent[]): TriggerInput {
  return {
    data: { collectionString: { string: events.map(({ body }) => body) } },
    metadata: Object.fromEntries(
      Object.entries(metadataOf).map(([name, of]) => [`${name}Array`, { json: JSON.stringify(events.map(of)) }]),
    ),
  };
}

/** The input for a single event, for a trigger without `cardinality: 'many'`. */
export function singleEventInput(event: StoredEvent): TriggerInput {
  const metadata = Object.entries(metadataOf).map(([name, of]): [string, RpcTypedData] => [
    name,
    { json: JSON.stringify(of(event)) },
  ]);
  return { data: { string: event.body }, metadata: Object.fromEntries(metadata) };
}

/** The event of a manual run, which has a body alone. */
export function manualEvent(body: string): StoredEvent {
  return { ...{ body, partitionKey: '', sequenceNumber: 0, enqueuedTime: '0001-01-01T00:00:00' }, ...noProperties };
}

const noProperties = { properties: {}, systemProperties: {} };

const metadataOf: Readonly<Record<string, (event: StoredEvent) => unknown>> = {
  PartitionKey: ({ partitionKey }) => partitionKey,
  Offset: ({ sequenceNumber }) => String(sequenceNumber),
  SequenceNumber: ({ sequenceNumber }) => sequenceNumber,
  EnqueuedTimeUtc: ({ enqueuedTime }) => enqueuedTime,
  Properties: ({ properties }) => properties,
  // The same four once more.
  SystemProperties: (event) => ({
    ...event.systemProperties,
    SequenceNumber: event.sequenceNumber,
    Offset: String(event.sequenceNumber),
    PartitionKey: event.partitionKey,
    EnqueuedTimeUtc: event.enqueuedTime,
  }),
};
