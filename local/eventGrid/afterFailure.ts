import type { Random } from '../../shared/clock.ts';
import type { EventGridEvent } from './eventGridEvent.ts';
import { type Answer, isRetried, outcomeName, retryDelayMs } from './retrySchedule.ts';

/** At most as many attempts, and as long, as Event Grid's default retry policy allows (the delivery-and-retry page). */
const maxDeliveryAttempts = 30;
const timeToLiveMs = 24 * 60 * 60_000;

/** An event given up on, with what Event Grid writes beside it into a dead-letter blob. */
export interface DeadLetter {
  event: EventGridEvent;
  /** `MaxDeliveryAttemptsExceeded` is Event Grid's word; the other two are ours, since no page lists them. */
  deadLetterReason: 'MaxDeliveryAttemptsExceeded' | 'TimeToLiveExceeded' | 'NotRetriable';
  deliveryAttempts: number;
  /** Such as `NotFound` or `TimedOut`. */
  lastDeliveryOutcome: string;
  /** ISO 8601, UTC. */
  publishTime: string;
}

/** An event on its way, and how often it was tried in vain. */
export interface DeliveryItem {
  event: EventGridEvent;
  publishedAtMs: number;
  failedAttempts: number;
}

/** What follows a failed attempt: another one after `delayMs`, or a dead letter. `item` already counts the failure. */
export function afterFailure(
  item: DeliveryItem,
  answer: Answer,
  nowMs: number,
  random: Random,
): { delayMs: number } | { deadLetter: DeadLetter } {
  const delayMs = retryDelayMs(item.failedAttempts, answer, random);
  const deadLetter = (deadLetterReason: DeadLetter['deadLetterReason']): { deadLetter: DeadLetter } => ({
    deadLetter: {
      event: item.event,
      deadLetterReason,
      deliveryAttempts: item.failedAttempts,
      lastDeliveryOutcome: outcomeName(answer),
      publishTime: new Date(item.publishedAtMs).toISOString(),
    },
  });
  if (!isRetried(answer)) return deadLetter('NotRetriable');
  if (item.failedAttempts >= maxDeliveryAttempts) return deadLetter('MaxDeliveryAttemptsExceeded');
  if (nowMs + delayMs > item.publishedAtMs + timeToLiveMs) return deadLetter('TimeToLiveExceeded');
  return { delayMs };
}
