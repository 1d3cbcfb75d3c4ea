import { randomUUID } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import { type DeliverySchema, type EventGridEvent, toCloudEvent } from './eventGridEvent.ts';
import type { Answer } from './retrySchedule.ts';

/** Event Grid waits this long for an answer (https://learn.microsoft.com/azure/event-grid/delivery-and-retry). */
const responseTimeoutMs = 30_000;
/** The origin that Event Grid names in the public cloud. */
const publicOrigin = 'eventgrid.azure.net';

/** The endpoint did not prove that it wants events. Names no URL, since endpoints carry their key in it. */
export class HandshakeError extends Error {
  override name = 'HandshakeError';
}

export interface WebhookClient {
  /** @throws HandshakeError when the endpoint is not reached or gives a wrong answer. */
  handshake(topic: string, signal: AbortSignal): Promise<void>;
  /** Sends events in one request; never throws but for an aborted `signal`. */
  deliver(events: readonly EventGridEvent[], failedAttempts: number, signal: AbortSignal): Promise<Answer>;
}

export interface WebhookClientOptions {
  endpoint: string;
  schema: DeliverySchema;
  /** Event Grid sends the name in upper case. */
  subscriptionName: string;
  /** Whether several events may share a request; a CloudEvents body is then always an array. */
  batched: boolean;
  clock: Clock;
  fetch: typeof fetch;
}

/** The HTTP side of a subscription: the two handshakes and the requests, header by header as Event Grid makes them. */
export function webhookClient(options: WebhookClientOptions): WebhookClient {
  const { endpoint, schema, clock, batched } = options;
  const name = options.subscriptionName.toUpperCase();

  /** The response with its body read, or why there is none. */
  async function send(
    init: RequestInit,
    signal: AbortSignal,
  ): Promise<{ answer: Answer; response?: Response; body: string }> {
    const ended = new AbortController();
    const either = AbortSignal.any([signal, ended.signal]);
    const timeout = clock.sleep(responseTimeoutMs, either).then(
      () => 'TimedOut' as const,
      () => 'Ended' as const,
    );
    const request = options
      .fetch(endpoint, { ...init, redirect: 'manual', signal: either })
      .then(async (response) => ({ answer: { status: response.status }, response, body: await response.text() }));
    try {
      const first = await Promise.race([request, timeout]);
      if (typeof first === 'object') return first;
      signal.throwIfAborted();
      return { answer: { status: undefined, outcome: 'TimedOut' }, body: '' };
    } catch {
      // Refused, reset or cut off: all the same to Event Grid. The cause is left out, since it may show the URL.
      signal.throwIfAborted();
      return { answer: { status: undefined, outcome: 'SocketError' }, body: '' };
    } finally {
      ended.abort();
      request.catch(() => undefined);
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
    const { answer, body } = await send({ method: 'POST', headers, body: JSON.stringify([event]) }, signal);
    if (answer.status !== 200)
      throw new HandshakeError(`The validation event was answered ${describe(answer)}, not 200.`);
    if (readValidationResponse(body) !== validationCode) {
      throw new HandshakeError('The answer to the validation event does not repeat its code as "validationResponse".');
    }
  }

  async function validateByOptions(signal: AbortSignal): Promise<void> {
    const { answer, response } = await send(
      { method: 'OPTIONS', headers: { 'WebHook-Request-Origin': publicOrigin } },
      signal,
    );
    if (answer.status !== 200) throw new HandshakeError(`OPTIONS was answered ${describe(answer)}, not 200.`);
    const allowed = response?.headers.get('webhook-allowed-origin');
    if (allowed !== publicOrigin && allowed !== '*') {
      throw new HandshakeError(`OPTIONS was answered without "WebHook-Allowed-Origin: ${publicOrigin}".`);
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
      return (await send({ method: 'POST', headers, body: JSON.stringify(body) }, signal)).answer;
    },
  };
}

function describe(answer: Answer): string {
  return answer.status === undefined ? `not at all (${answer.outcome})` : String(answer.status);
}

function readValidationResponse(body: string): unknown {
  try {
    return (JSON.parse(body) as { validationResponse?: unknown } | null)?.validationResponse;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
