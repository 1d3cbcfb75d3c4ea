import { Cron } from 'croner';
import { HostConfigurationError } from './hostError.ts';

/** Milliseconds since 1970 of the first occurrence after `afterMs`. */
export type NextOccurrence = (afterMs: number) => number;

const monthAndDayNames = /jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat/gi;

/**
 * Parses a timer schedule of six fields `{second} {minute} {hour} {day} {month} {day-of-week}`, in UTC
 * (https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions). A day must match
 * both day fields, as in NCRONTAB (in classic cron one is enough). Extensions of croner (L, W, #, ?, nicknames, a
 * seventh field) are refused. Throws `HostConfigurationError` with the expression in its message.
 */
export function parseNcrontab(expression: string): NextOccurrence {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== 6) {
    throw refused(expression, 'it needs six fields, {second} {minute} {hour} {day} {month} {day-of-week}');
  }
  if (!fields.every((field) => /^[\d*,\-/]+$/.test(field.replace(monthAndDayNames, '0')))) {
    throw refused(expression, 'a field holds numbers, names of months or days, and the characters * , - /');
  }
  if (/7/.test((fields[5] ?? '').replace(/\/\d+/g, ''))) throw refused(expression, 'days of the week are 0 to 6');
  let cron: Cron;
  try {
    cron = new Cron(fields.join(' '), { mode: '6-part', timezone: 'Etc/UTC', domAndDow: true, paused: true });
  } catch (error) {
    throw refused(expression, error instanceof Error ? error.message : String(error));
  }
  return (afterMs) => {
    const next = cron.nextRun(new Date(afterMs));
    if (!next) throw refused(expression, 'it never occurs');
    return next.getTime();
  };
}

function refused(expression: string, why: string): HostConfigurationError {
  return new HostConfigurationError(`The timer schedule "${expression}" cannot be used: ${why}.`);
}
