import type { Clock, Random } from '../../shared/clock.ts';
import { afterFailure, type DeadLetter, type DeliveryItem } from './afterFailure.ts';
import type { DeliverySchema, EventGridEvent } from './eventGridEvent.ts';
import { type Answer, isDelivered, outcomeName } from './retrySchedule.ts';
import { HandshakeError, webhookClient } from './webhookClient.ts';

/** Event Grid publishes no figure; enough to load a local host without flooding it. */
const maxConcurrentDeliveries = 16;
/** Creating a real subscription fails when the handshake does; here its owner, so to speak, tries again. */
const handshakeRetryMs = 1_000;

export interface SubscriptionOptions {
  /** Where events go: `https://.../runtime/webhooks/EventGrid?functionName=...`. Never logged: it may hold a key. */
  endpoint: string;
  /** `EventGridSchema` unless said otherwise. */
  schema?: DeliverySchema;
  /** 1 (Event Grid's default) to 5,000. */
  maxEventsPerBatch?: number;
  /** `device-created` unless said otherwise. */
  name?: string;
  /** The ARM id of the source, as the validation event names it. */
  topic?: string;
  clock: Clock;
  random: Random;
  log?: (message: string) => void;
  /** The transport; Node's own unless a test gives another. */
  fetch?: typeof fetch;
}

export interface Subscription {
  /** Takes an event for delivery at once; it waits in memory until the handshake has succeeded. Throws once closed. */
  publish(event: EventGridEvent): void;
  readonly deadLetters: readonly DeadLetter[];
  /** Events that the endpoint accepted. */
  readonly delivered: number;
  /** Events neither delivered nor dead-lettered yet. */
  readonly pending: number;
  /** Resolves when nothing is pending, or the subscription is closed. */
  idle(): Promise<void>;
  /** Ends deliveries and retries at once; what is pending is forgotten. */
  close(): Promise<void>;
}

/**
 * Delivers events to one webhook as an Event Grid subscription does: handshake first, at least once, in no promised
 * order, retried on Event Grid's schedule, given up on after 30 attempts, 24 hours or an answer that is never retried.
 * @throws RangeError for an impossible batch size; TypeError for an endpoint that is no URL.
 */
export function startSubscription(options: SubscriptionOptions): Subscription {
  const { clock, random, schema = 'EventGridSchema', maxEventsPerBatch = 1, name = 'device-created' } = options;
  if (!Number.isInteger(maxEventsPerBatch) || maxEventsPerBatch < 1 || maxEventsPerBatch > 5_000) {
    throw new RangeError(`maxEventsPerBatch is ${maxEventsPerBatch}; use a whole number from 1 to 5000.`);
  }
  if (!URL.canParse(options.endpoint)) throw new TypeError('endpoint is not a URL; use http(s)://host/path.');
  const log = (message: string): void => options.log?.(`Subscription ${name}: ${message}`);
  const webhook = webhookClient({
    endpoint: options.endpoint,
    schema,
    subscriptionName: name,
    batched: maxEventsPerBatch > 1,
    clock,
    fetch: options.fetch ?? fetch,
  });
  const closing = new AbortController();
  const running = new Set<Promise<void>>();
  const ready: DeliveryItem[] = [];
  const deadLetters: DeadLetter[] = [];
  const idleWaiters: (() => void)[] = [];
  let validated = false;
  let inFlight = 0;
  let delivered = 0;
  let pending = 0;

  /** Runs `work` on its own; close() ends it, and anything else that it throws is a bug worth a crash. */
  function inBackground(work: Promise<void>): void {
    const tracked: Promise<void> = work
      .catch((error: unknown) => {
        if (!closing.signal.aborted) throw error;
      })
      .finally(() => running.delete(tracked));
    running.add(tracked);
  }

  async function shakeHands(): Promise<void> {
    while (!validated) {
      try {
        await webhook.handshake(options.topic ?? '', closing.signal);
        validated = true;
      } catch (error) {
        if (!(error instanceof HandshakeError)) throw error;
        log(`the handshake failed. ${error.message}`);
        await clock.sleep(handshakeRetryMs, closing.signal);
      }
    }
    pump();
  }

  function pump(): void {
    while (validated && ready.length > 0 && inFlight < maxConcurrentDeliveries) {
      inFlight += 1;
      inBackground(deliver(ready.splice(0, maxEventsPerBatch)));
    }
  }

  async function deliver(items: DeliveryItem[]): Promise<void> {
    const events = items.map((item) => item.event);
    const failedAttempts = Math.max(...items.map((item) => item.failedAttempts));
    const answer = await webhook.deliver(events, failedAttempts, closing.signal);
    inFlight -= 1;
    if (isDelivered(answer)) {
      delivered += items.length;
      settle(items.length);
    } else {
      for (const item of items) retryOrGiveUp({ ...item, failedAttempts: item.failedAttempts + 1 }, answer);
    }
    pump();
  }

  function retryOrGiveUp(item: DeliveryItem, answer: Answer): void {
    const next = afterFailure(item, answer, clock.now(), random);
    if ('deadLetter' in next) {
      log(`an event is dead-lettered (${next.deadLetter.deadLetterReason}, ${outcomeName(answer)}).`);
      deadLetters.push(next.deadLetter);
      settle(1);
      return;
    }
    log(`attempt ${item.failedAttempts} ended ${outcomeName(answer)}; again in ${next.delayMs} ms.`);
    const wait = clock.sleep(next.delayMs, closing.signal);
    inBackground(
      wait.then(() => {
        ready.push(item);
        pump();
      }),
    );
  }

  function settle(count: number): void {
    pending -= count;
    if (pending === 0) wakeIdleWaiters();
  }

  function wakeIdleWaiters(): void {
    for (const wake of idleWaiters.splice(0)) wake();
  }

  inBackground(shakeHands());
  return {
    publish: (event) => {
      if (closing.signal.aborted) throw new Error(`Subscription ${name} is closed and takes no events.`);
      pending += 1;
      ready.push({ event, publishedAtMs: clock.now(), failedAttempts: 0 });
      pump();
    },
    deadLetters,
    get delivered() {
      return delivered;
    },
    get pending() {
      return pending;
    },
    idle: async () => {
      if (pending > 0 && !closing.signal.aborted) await new Promise<void>((resolve) => idleWaiters.push(resolve));
    },
    close: async () => {
      closing.abort(new Error(`Subscription ${name} is closed.`));
      await Promise.all(running);
      wakeIdleWaiters();
    },
  };
}
