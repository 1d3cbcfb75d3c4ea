import { app, type InvocationContext } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { admitChanges } from '../shared/intake/admitChanges.ts';
import type { RoutedEvent } from '../shared/intake/readIdentityChange.ts';
import { contextLog } from '../shared/telemetry/log.ts';

/**
 * Handles a batch of events that message routing sent to an event hub, so that a deleted or changed module is repaired within
 * seconds. Events that do not concern the policy are only counted. Throws if a device could neither be reconciled nor be made
 * pending, so that the host runs the batch again.
 */
export async function twinChanged(events: unknown, context: InvocationContext): Promise<void> {
  const log = contextLog(context, appHost().telemetry);
  const services = await appHost().app();
  const unused = await admitChanges({ ...services, log }, routedEvents(events, context));
  appHost().unknownHubEvents += unused.get('unknownHub') ?? 0;
}

/** Joins the bodies of a batch (bytes) with the properties of its events, which the host passes in separate arrays. */
function routedEvents(events: unknown, { triggerMetadata = {} }: InvocationContext): RoutedEvent[] {
  const { propertiesArray: properties, systemPropertiesArray: systemProperties } = triggerMetadata;
  return (Array.isArray(events) ? events : [events]).map((body: unknown, index) => ({
    body,
    properties: Array.isArray(properties) ? properties[index] : undefined,
    systemProperties: Array.isArray(systemProperties) ? systemProperties[index] : undefined,
  }));
}

/**
 * Makes the host pass bodies as bytes; `@azure/functions` has no type for this property of the binding. Without it the host
 * parses each body as JSON. A batch with one invalid body then fails before the function runs, at every retry, so that its
 * partition stops (Azure/azure-webjobs-sdk#1830). With `dataType: 'string'` the host leaves out empty bodies, and the
 * properties no longer match.
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
    // Without retries the host continues with the next batch after a failure, and the changes of this batch wait for the next
    // sweep. Only an outage of storage or a missing policy makes a batch fail, and the next batch would then fail as well.
    retry: { strategy: 'fixedDelay', maxRetryCount: -1, delayInterval: { seconds: 15 } },
    handler: twinChanged,
  });
}
