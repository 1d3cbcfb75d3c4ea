import type { Clock, Random } from '../../shared/clock.ts';
import { afterFailure, type DeadLetter, type DeliveryItem } from './afterFailure.ts';
import type { DeliverySchema, EventGridEvent } from './eventGridEvent.ts';
import { type AttemptResult, isDelivered, outcomeName } from './retrySchedule.ts';
import { HandshakeError, webhookClient } from './webhookClient.ts';

/** Our own figure, which does not overload a local host: Event Grid publishes none. */
const maxConcurrentDeliveries = 16;
/** In Azure the creation of a subscription fails with its handshake; here the handshake is retried. */
const handshakeRetryMs = 1_000;

/** What to deliver, where, and how. */
export interface SubscriptionOptions {
  /**
   * The webhook: `https://.../runtime/webhooks/EventGrid?functionName=...`. Never logged, since it may contain a key.
   */
  endpoint: string;
  /** Default `EventGridSchema`. */
  schema?: DeliverySchema;
  /** 1 (Event Grid's default) to 5,000. */
  maxEventsPerBatch?: number;
  /** Default `device-created`. */
  name?: string;
  /** The ARM id of the source, as the validation event names it. */
  topic?: string;
  clock: Clock;
  random: Random;
  log?: (message: string) => void;
  /** Default: Node's own. */
  fetch?: typeof fetch;
}

/** A running subscription. */
export interface Subscription {
  /** Queues an event for delivery, in memory; deliveries begin after the handshake. Throws after `close`. */
  publish(event: EventGridEvent): void;
  readonly deadLetters: readonly DeadLetter[];
  /** Events that the endpoint accepted. */
  readonly delivered: number;
  /** Events that are neither delivered nor dead-lettered yet. */
  readonly pending: number;
  /** Resolves when nothing is pending, or the subscription is closed. */
  idle(): Promise<void>;
  /** Ends deliveries and retries at once; pending events are lost. */
  close(): Promise<void>;
}

/**
 * Delivers events to one webhook as an Event Grid subscription does: a handshake first, then at-least-once delivery
 * without a guaranteed order, retried on Event Grid's schedule, dead-lettered after 30 attempts, 24 hours or a status
 * that is not retried. Throws `RangeError` for an invalid batch size, `TypeError` for an endpoint that is not a URL.
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

  /** Runs a task in the background. Its rejection after `close` is expected; any earlier one is a bug and ends the process. */
  function inBackground(task: Promise<void>): void {
    const tracked: Promise<void> = task
      .catch((error: unknown) => {
        if (!closing.signal.aborted) throw error;
      })
      .finally(() => running.delete(tracked));
    running.add(tracked);
  }

  async function handshake(): Promise<void> {
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
    startDeliveries();
  }

  function startDeliveries(): void {
    while (validated && ready.length > 0 && inFlight < maxConcurrentDeliveries) {
      inFlight += 1;
      inBackground(deliver(ready.splice(0, maxEventsPerBatch)));
    }
  }

  async function deliver(items: DeliveryItem[]): Promise<void> {
    const events = items.map((item) => item.event);
    const failedAttempts = Math.max(...items.map((item) => item.failedAttempts));
    const result = await webhook.deliver(events, failedAttempts, closing.signal);
    inFlight -= 1;
    if (isDelivered(result)) {
      delivered += items.length;
      markDone(items.length);
    } else {
      for (const item of items) retryOrDeadLetter({ ...item, failedAttempts: item.failedAttempts + 1 }, result);
    }
    startDeliveries();
  }

  function retryOrDeadLetter(item: DeliveryItem, result: AttemptResult): void {
    const next = afterFailure(item, result, clock.now(), random);
    if ('deadLetter' in next) {
      log(`an event is dead-lettered (${next.deadLetter.deadLetterReason}, ${outcomeName(result)}).`);
      deadLetters.push(next.deadLetter);
      markDone(1);
      return;
    }
    log(`attempt ${item.failedAttempts} failed with ${outcomeName(result)}; retry in ${next.delayMs} ms.`);
    const wait = clock.sleep(next.delayMs, closing.signal);
    inBackground(
      wait.then(() => {
        ready.push(item);
        startDeliveries();
      }),
    );
  }

  function markDone(count: number): void {
    pending -= count;
    if (pending === 0) resolveIdleWaiters();
  }

  function resolveIdleWaiters(): void {
    for (const wake of idleWaiters.splice(0)) wake();
  }

  inBackground(handshake());
  return {
    publish: (event) => {
      if (closing.signal.aborted) throw new Error(`Subscription ${name} is closed and takes no events.`);
      pending += 1;
      ready.push({ event, publishedAtMs: clock.now(), failedAttempts: 0 });
      startDeliveries();
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
      resolveIdleWaiters();
    },
  };
}
