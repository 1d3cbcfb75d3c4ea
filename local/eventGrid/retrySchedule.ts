import type { Random } from '../../shared/clock.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Waits after the first, second, ... failed attempt (https://learn.microsoft.com/azure/event-grid/delivery-and-retry). */
const DELAYS_MS = [
  10 * SECOND_MS,
  30 * SECOND_MS,
  MINUTE_MS,
  5 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
];
const LATER_DELAY_MS = 12 * HOUR_MS;

/** At least this long after these answers (the same page, its 2020 table); anything else: the schedule alone. */
const LEAST_DELAY_MS = new Map([
  [401, 5 * MINUTE_MS],
  [404, 5 * MINUTE_MS],
  [408, 2 * MINUTE_MS],
  [503, 30 * SECOND_MS],
]);

/** The same page says "a small randomization" and no figure; a tenth is ours. */
const JITTER = 0.1;

/** Answers after which Event Grid does not try a webhook again (the same page, newest version). */
const NOT_RETRIED = new Set([400, 401, 403, 413]);

/** Names as .NET spells the statuses; the documentation shows `NotFound`. */
const OUTCOMES = new Map([
  [400, 'BadRequest'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'NotFound'],
  [408, 'RequestTimeout'],
  [413, 'RequestEntityTooLarge'],
  [429, 'TooManyRequests'],
  [500, 'InternalServerError'],
  [502, 'BadGateway'],
  [503, 'ServiceUnavailable'],
  [504, 'GatewayTimeout'],
]);

/** What came of one attempt: a status, or no answer at all. */
export type Answer = { status: number } | { status: undefined; outcome: 'TimedOut' | 'SocketError' };

/** Only these statuses count as delivered; any other 2xx is a failure (the same page). */
export function isDelivered({ status }: Answer): boolean {
  return status !== undefined && status >= 200 && status <= 204;
}

/** Whether a failed attempt is followed by another one, limits aside. */
export function isRetried({ status }: Answer): boolean {
  return status === undefined || !NOT_RETRIED.has(status);
}

/** Milliseconds until the next attempt, after `failedAttempts` (1 or more) that ended with `answer`. */
export function retryDelayMs(failedAttempts: number, { status }: Answer, random: Random): number {
  const scheduledMs = DELAYS_MS[failedAttempts - 1] ?? LATER_DELAY_MS;
  const leastMs = (status !== undefined && LEAST_DELAY_MS.get(status)) || 0;
  return Math.round(Math.max(scheduledMs, leastMs) * (1 + JITTER * random()));
}

/** One word for `lastDeliveryOutcome`. */
export function outcomeName(answer: Answer): string {
  if (answer.status === undefined) return answer.outcome;
  return OUTCOMES.get(answer.status) ?? `Http${answer.status}`;
}
