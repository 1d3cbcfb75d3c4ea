import type { Random } from '../../shared/clock.ts';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/**
 * Delays after the first, second, … failed attempt (https://learn.microsoft.com/azure/event-grid/delivery-and-retry).
 */
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

/** Minimum delays after these statuses (the same page, its table of 2020). */
const minDelaysMs = new Map([
  [401, 5 * minuteMs],
  [404, 5 * minuteMs],
  [408, 2 * minuteMs],
  [503, 30 * secondMs],
]);

/** The same page says "a small randomization" without a figure; a tenth is our choice. */
const jitterShare = 0.1;

/** Statuses after which Event Grid does not retry (the same page, newest version). */
const statusesNotRetried = new Set([400, 401, 403, 413]);

/** .NET's names of the statuses; the documentation shows `NotFound`. */
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

/** The result of one attempt: a status, or no response. */
export type AttemptResult = { status: number } | { status: undefined; outcome: 'TimedOut' | 'SocketError' };

/** Whether an attempt delivered the events: status 200 to 204; any other 2xx is a failure (the same page). */
export function isDelivered({ status }: AttemptResult): boolean {
  return status !== undefined && status >= 200 && status <= 204;
}

/** Whether Event Grid retries after a failed attempt; age and number of attempts are checked elsewhere. */
export function isRetried({ status }: AttemptResult): boolean {
  return status === undefined || !statusesNotRetried.has(status);
}

/** Milliseconds until the next attempt. `failedAttempts`: 1 or more; `result`: that of the last failed attempt. */
export function retryDelayMs(failedAttempts: number, { status }: AttemptResult, random: Random): number {
  const scheduledMs = delaysMs[failedAttempts - 1] ?? laterDelayMs;
  const leastMs = (status !== undefined && minDelaysMs.get(status)) || 0;
  return Math.round(Math.max(scheduledMs, leastMs) * (1 + jitterShare * random()));
}

/** The name for `lastDeliveryOutcome`. */
export function outcomeName(result: AttemptResult): string {
  if (result.status === undefined) return result.outcome;
  return outcomeNames.get(result.status) ?? `Http${result.status}`;
}
