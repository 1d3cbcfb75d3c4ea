import { app, type InvocationContext } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { admitChanges } from '../shared/intake/admitChanges.ts';
import type { RoutedEvent } from '../shared/intake/readIdentityChange.ts';
import { contextLog } from '../shared/telemetry/log.ts';

/**
 * Handles a batch of events that message routing sent to an event hub, so that a module that was deleted or changed is repaired
 * within seconds. Events that make no difference are counted. Throws if a device could not be made pending, so that the host
 * runs the batch again.
 */
export async function twinChanged(events: unknown, context: InvocationContext): Promise<void> {
  const log = contextLog(context, appHost().telemetry);
  const services = await appHost().app();
  const unused = await admitChanges({ ...services, log }, routedEvents(events, context));
  appHost().unknownHubEvents += unused.get('unknownHub') ?? 0;
}

/** The properties of a batch stand in arrays of their own, in the order of its events. The bodies are bytes. */
function routedEvents(events: unknown, { triggerMetadata = {} }: InvocationContext): RoutedEvent[] {
  const { propertiesArray: properties, systemPropertiesArray: systemProperties } = triggerMetadata;
  return (Array.isArray(events) ? events : [events]).map((body: unknown, index) => ({
    body,
    properties: Array.isArray(properties) ? properties[index] : undefined,
    systemProperties: Array.isArray(systemProperties) ? systemProperties[index] : undefined,
  }));
}

/**
 * Lets the host pass bodies as they are. `@azure/functions` has no type for this property of the binding. Without it the host parses
 * each body, and a batch with one that is no JSON fails before the function runs, each time again, so that its partition stands
 * still (Azure/azure-webjobs-sdk#1830). Of a batch of strings it leaves out empty ones, so that the rest get others' properties.
 */
const bodiesAsBytes = { dataType: 'binary' } as const;

const { twinChanges } = appHost().configResult;
if (twinChanges) {
  app.eventHub<unknown>('twinChanged', {
    connection: 'TWIN_CHANGES_CONNECTION',
    eventHubName: twinChanges.eventHub,
    consumerGroup: twinChanges.consumerGroup,
    cardinality: 'many',
    ...bodiesAsBytes,
    // Without it the host goes on with the next batch after a failure, and these events would be lost until the next sweep. Only
    // an outage of the storage or the lack of a policy makes a batch fail, and no other batch would fare better.
    retry: { strategy: 'fixedDelay', maxRetryCount: -1, delayInterval: { seconds: 15 } },
    handler: twinChanged,
  });
}
