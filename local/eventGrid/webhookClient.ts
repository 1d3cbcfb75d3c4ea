import { randomUUID } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import { type DeliverySchema, type EventGridEvent, toCloudEvent } from './eventGridEvent.ts';
import type { AttemptResult } from './retrySchedule.ts';

/** Event Grid's time limit for a response (https://learn.microsoft.com/azure/event-grid/delivery-and-retry). */
const responseTimeoutMs = 30_000;
/** Event Grid's origin in the public cloud. */
const publicOrigin = 'eventgrid.azure.net';

/** The endpoint failed the validation handshake. The message contains no URL, since that may include a key. */
export class HandshakeError extends Error {
  override name = 'HandshakeError';
}

/** Sends the requests of one subscription. */
export interface WebhookClient {
  /** Rejects with `HandshakeError` if the endpoint is not reachable or its response is wrong. */
  handshake(topic: string, signal: AbortSignal): Promise<void>;
  /** Sends events in one request. Rejects only if `signal` is aborted. */
  deliver(events: readonly EventGridEvent[], failedAttempts: number, signal: AbortSignal): Promise<AttemptResult>;
}

export interface WebhookClientOptions {
  endpoint: string;
  schema: DeliverySchema;
  /** Sent in upper case, as Event Grid does. */
  subscriptionName: string;
  /** Whether a request may contain several events; a CloudEvents body is then always an array. */
  batched: boolean;
  clock: Clock;
  fetch: typeof fetch;
}

/** The HTTP side of a subscription: the two handshakes and the deliveries, with the headers of Event Grid. */
export function webhookClient(options: WebhookClientOptions): WebhookClient {
  const { endpoint, schema, clock, batched } = options;
  const name = options.subscriptionName.toUpperCase();

  /** Sends a request and reads the body of its response. */
  async function send(
    init: RequestInit,
    signal: AbortSignal,
  ): Promise<{ result: AttemptResult; response?: Response; body: string }> {
    const ended = new AbortController();
    const either = AbortSignal.any([signal, ended.signal]);
    const timeout = clock.sleep(responseTimeoutMs, either).then(
      () => 'TimedOut' as const,
      () => 'Ended' as const,
    );
    const request = options
      .fetch(endpoint, { ...init, redirect: 'manual', signal: either })
      .then(async (response) => ({ result: { status: response.status }, response, body: await response.text() }));
    try {
      const first = await Promise.race([request, timeout]);
      if (typeof first === 'object') return first;
      signal.throwIfAborted();
      return { result: { status: undefined, outcome: 'TimedOut' }, body: '' };
    } catch {
      // Event Grid does not distinguish refused and reset connections. The cause is omitted, since it may contain the
      // URL.
      signal.throwIfAborted();
      return { result: { status: undefined, outcome: 'SocketError' }, body: '' };
    } finally {
      ended.abort(); // a request that still runs then fails; `Promise.race` handles that rejection too
    }
  }

  async function validateByEvent(topic: string, signal: AbortSignal): Promise<void> {
    const validationCode = randomUUID();
    const event: EventGridEvent = {
      id: randomUUID(),
      topic,
      subject: '',
      eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
      eventTime: new Date(clock.now()).toISOString(),
      data: { validationCode },
      dataVersion: '2',
      metadataVersion: '1',
    };
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'aeg-event-type': 'SubscriptionValidation',
      'aeg-subscription-name': name,
      'aeg-delivery-count': '0',
      'aeg-data-version': event.dataVersion,
      'aeg-metadata-version': event.metadataVersion,
    };
    const { result, body } = await send({ method: 'POST', headers, body: JSON.stringify([event]) }, signal);
    if (result.status !== 200)
      throw new HandshakeError(`The validation event got ${describe(result)}, not status 200.`);
    if (readValidationResponse(body) !== validationCode) {
      throw new HandshakeError(
        'The response to the validation event does not return its code as "validationResponse".',
      );
    }
  }

  async function validateByOptions(signal: AbortSignal): Promise<void> {
    const { result, response } = await send(
      { method: 'OPTIONS', headers: { 'WebHook-Request-Origin': publicOrigin } },
      signal,
    );
    if (result.status !== 200) throw new HandshakeError(`OPTIONS got ${describe(result)}, not status 200.`);
    const allowed = response?.headers.get('webhook-allowed-origin');
    if (allowed !== publicOrigin && allowed !== '*') {
      throw new HandshakeError(`The response to OPTIONS has no header "WebHook-Allowed-Origin: ${publicOrigin}".`);
    }
  }

  return {
    handshake: (topic, signal) =>
      schema === 'EventGridSchema' ? validateByEvent(topic, signal) : validateByOptions(signal),
    deliver: async (events, failedAttempts, signal) => {
      const headers: Record<string, string> = {
        'aeg-event-type': 'Notification',
        'aeg-subscription-name': name,
        'aeg-delivery-count': String(failedAttempts),
        'aeg-output-event-id': randomUUID(),
      };
      let body: unknown = events;
      if (schema === 'EventGridSchema') {
        headers['content-type'] = 'application/json; charset=utf-8';
        headers['aeg-data-version'] = events[0]?.dataVersion ?? '';
        headers['aeg-metadata-version'] = events[0]?.metadataVersion ?? '';
      } else {
        const cloudEvents = events.map(toCloudEvent);
        headers['content-type'] = `application/cloudevents${batched ? '-batch' : ''}+json; charset=utf-8`;
        headers['aeg-metadata-version'] = '1.0';
        body = batched ? cloudEvents : cloudEvents[0];
      }
      return (await send({ method: 'POST', headers, body: JSON.stringify(body) }, signal)).result;
    },
  };
}

function describe(result: AttemptResult): string {
  return result.status === undefined ? `no response (${result.outcome})` : `status ${result.status}`;
}

function readValidationResponse(body: string): unknown {
  try {
    return (JSON.parse(body) as { validationResponse?: unknown } | null)?.validationResponse;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
