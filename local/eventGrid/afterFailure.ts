import type { Random } from '../../shared/clock.ts';
import type { EventGridEvent } from './eventGridEvent.ts';
import { type AttemptResult, isRetried, outcomeName, retryDelayMs } from './retrySchedule.ts';

/** Event Grid's default retry policy (https://learn.microsoft.com/azure/event-grid/delivery-and-retry). */
const maxDeliveryAttempts = 30;
const timeToLiveMs = 24 * 60 * 60_000;

/** An undelivered event, with the fields that Event Grid writes into a dead-letter blob. */
export interface DeadLetter {
  event: EventGridEvent;
  /** `MaxDeliveryAttemptsExceeded` is Event Grid's name; the other two are ours, since no page lists them. */
  deadLetterReason: 'MaxDeliveryAttemptsExceeded' | 'TimeToLiveExceeded' | 'NotRetriable';
  deliveryAttempts: number;
  /** Such as `NotFound` or `TimedOut`. */
  lastDeliveryOutcome: string;
  /** ISO 8601, UTC. */
  publishTime: string;
}

/** An event to deliver, with the number of failed attempts. */
export interface DeliveryItem {
  event: EventGridEvent;
  publishedAtMs: number;
  failedAttempts: number;
}

/** What follows a failed attempt: a retry after `delayMs`, or a dead letter. `item.failedAttempts` includes this attempt. */
export function afterFailure(
  item: DeliveryItem,
  result: AttemptResult,
  nowMs: number,
  random: Random,
): { delayMs: number } | { deadLetter: DeadLetter } {
  const delayMs = retryDelayMs(item.failedAttempts, result, random);
  const deadLetter = (deadLetterReason: DeadLetter['deadLetterReason']): { deadLetter: DeadLetter } => ({
    deadLetter: {
      event: item.event,
      deadLetterReason,
      deliveryAttempts: item.failedAttempts,
      lastDeliveryOutcome: outcomeName(result),
      publishTime: new Date(item.publishedAtMs).toISOString(),
    },
  });
  if (!isRetried(result)) return deadLetter('NotRetriable');
  if (item.failedAttempts >= maxDeliveryAttempts) return deadLetter('MaxDeliveryAttemptsExceeded');
  if (nowMs + delayMs > item.publishedAtMs + timeToLiveMs) return deadLetter('TimeToLiveExceeded');
  return { delayMs };
}
