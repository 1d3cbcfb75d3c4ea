import { connectionStringParts } from '../../shared/config/connectionStringParts.ts';
import type { StoredEvent } from '../eventHub/hubEvent.ts';
import type { Environment } from './appSettings.ts';
import { HostConfigurationError } from './hostError.ts';

/** Reads the partitions of an event hub for one consumer group. */
export interface EventHubReader {
  /** `{namespace}/{event hub}/{consumer group}`, in lower case: where checkpoints are stored. */
  path: string;
  partitions(signal: AbortSignal): Promise<string[]>;
  /** Resolves with at most `max` events, the first with sequence number `from`; with none if no event arrives for some seconds. */
  read(partition: string, from: number, max: number, signal: AbortSignal): Promise<StoredEvent[]>;
}

/** The event hub refused a request. The message contains the status and no key. */
export class EventHubError extends Error {}

/**
 * Makes a reader of the local stand-in for an event hub. As in the host, `EntityPath` of the connection string has precedence over
 * the name of the trigger. Throws `HostConfigurationError` if the connection is not set or names a real event hub, which would
 * need AMQP.
 */
export function eventHubReader(
  { connection, eventHubName, consumerGroup }: { connection: string; eventHubName: string; consumerGroup: string },
  environment: Environment,
): EventHubReader {
  const parts = connectionStringParts(environment[connection] ?? '');
  const endpoint = parts?.get('endpoint');
  if (parts?.get('usedevelopmentemulator')?.toLowerCase() !== 'true' || !endpoint) {
    throw new HostConfigurationError(
      `The connection "${connection}" is not that of the local event hub (local/eventHub), the only one that can be read here; use Core Tools for others.`,
    );
  }
  const { host } = new URL(endpoint.replace(/^sb:/i, 'http:'));
  const hub = parts.get('entitypath') ?? eventHubName;
  const root = `http://${host}/${encodeURIComponent(hub)}/consumergroups/${encodeURIComponent(consumerGroup)}/partitions`;
  const headers = { authorization: parts.get('sharedaccesskey') ?? '' };

  async function get<T>(url: string, signal: AbortSignal): Promise<T> {
    const response = await fetch(url, { headers, signal });
    if (!response.ok) {
      await response.arrayBuffer();
      const what = `consumer group "${consumerGroup}" of the event hub "${hub}"`;
      throw new EventHubError(`Status ${response.status} for the ${what}.`);
    }
    return (await response.json()) as T;
  }

  return {
    path: `${host}/${hub}/${consumerGroup}`.toLowerCase(),
    partitions: (signal) => get<string[]>(root, signal),
    read: (partition, from, max, signal) =>
      get<StoredEvent[]>(`${root}/${partition}/events?from=${from}&max=${max}`, signal),
  };
}
