import type { StoredEvent } from '../eventHub/hubEvent.ts';
import type { RpcTypedData } from './coreTypes.ts';
import type { TriggerInput } from './invoker.ts';

/** How the trigger wants the bodies: `dataType` of its binding. */
export type BodyType = 'string' | 'binary' | undefined;

/**
 * The input of a function for a batch of events: the bodies as data, and all other parts of the events as arrays in the metadata, in
 * the same order (Azure/azure-sdk-for-net, EventHubTriggerBindingStrategy). Throws `Error` if a body cannot be passed as `bodyType`.
 */
export function eventBatchInput(events: readonly StoredEvent[], bodyType: BodyType): TriggerInput {
  return {
    data: bodiesOf(events, bodyType),
    metadata: Object.fromEntries(
      Object.entries(metadataOf).map(([name, of]) => [`${name}Array`, { json: JSON.stringify(events.map(of)) }]),
    ),
  };
}

/**
 * As measured in Microsoft's host 4.1037: bytes arrive unchanged. Empty strings are left out, so the others no longer match the
 * positions in the metadata. Without a type each body must be JSON or empty.
 */
function bodiesOf(events: readonly StoredEvent[], bodyType: BodyType): RpcTypedData {
  const bodies = events.map(({ body }) => body);
  switch (bodyType) {
    case 'binary':
      return { collectionBytes: { bytes: bodies.map((body) => Buffer.from(body)) } };
    case 'string':
      return { collectionString: { string: bodies.filter((body) => body !== '') } };
    case undefined:
      return { json: JSON.stringify(bodies.map((body) => (body === '' ? null : parseBody(body)))) };
  }
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Error("Binding parameters to complex objects (such as 'Object') uses Json.NET serialization. It failed.");
  }
}

/** The input for one event, for a trigger without `cardinality: 'many'`. In which form its body arrives was not measured. */
export function singleEventInput(event: StoredEvent): TriggerInput {
  const metadata = Object.entries(metadataOf).map(([name, of]): [string, RpcTypedData] => [
    name,
    { json: JSON.stringify(of(event)) },
  ]);
  return { data: { string: event.body }, metadata: Object.fromEntries(metadata) };
}

/** The event of a manual run: it has a body and nothing else. */
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
  // Repeats the four values from `PartitionKey` to `EnqueuedTimeUtc`, as the host does.
  SystemProperties: (event) => ({
    ...event.systemProperties,
    SequenceNumber: event.sequenceNumber,
    Offset: String(event.sequenceNumber),
    PartitionKey: event.partitionKey,
    EnqueuedTimeUtc: event.enqueuedTime,
  }),
};
