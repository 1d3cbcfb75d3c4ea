import type { Random } from '../../shared/clock.ts';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** Waits after the first, second, ... failed attempt (https://learn.microsoft.com/azure/event-grid/delivery-and-retry). */
const delaysMs = [
  10 * secondMs,
  30 * secondMs,
  minuteMs,
  5 * minuteMs,
  10 * minuteMs,
  30 * minuteMs,
  hourMs,
  3 * hourMs,
  6 * hourMs,
];
const laterDelayMs = 12 * hourMs;

/** At least this long after these answers (the same page, its 2020 table); anything else: the schedule alone. */
const minDelaysMs = new Map([
  [401, 5 * minuteMs],
  [404, 5 * minuteMs],
  [408, 2 * minuteMs],
  [503, 30 * secondMs],
]);

/** The same page says "a small randomization" and no figure; a tenth is ours. */
const jitterShare = 0.1;

/** Answers after which Event Grid does not try a webhook again (the same page, newest version). */
const statusesNotRetried = new Set([400, 401, 403, 413]);

/** Names as .NET spells the statuses; the documentation shows `NotFound`. */
const outcomeNames = new Map([
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
  return status === undefined || !statusesNotRetried.has(status);
}

/** Milliseconds until the next attempt, after `failedAttempts` (1 or more) that ended with `answer`. */
export function retryDelayMs(failedAttempts: number, { status }: Answer, random: Random): number {
  const scheduledMs = delaysMs[failedAttempts - 1] ?? laterDelayMs;
  const leastMs = (status !== undefined && minDelaysMs.get(status)) || 0;
  return Math.round(Math.max(scheduledMs, leastMs) * (1 + jitterShare * random()));
}

/** One word for `lastDeliveryOutcome`. */
export function outcomeName(answer: Answer): string {
  if (answer.status === undefined) return answer.outcome;
  return outcomeNames.get(answer.status) ?? `Http${answer.status}`;
}
