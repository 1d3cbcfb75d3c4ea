import type { Report } from './settings.ts';

/** 02:00 UTC, every day. */
export const defaultSweepSchedule = '0 0 2 * * *';

/** When the nightly sweep runs. */
export interface SweepTimes {
  /** An NCRONTAB expression with seconds, UTC. */
  sweepSchedule: string;
  /**
   * The schedule to register the timer with. If the setting exists, this is `%SWEEP_SCHEDULE%`, which the Functions host
   * replaces by the value of the setting. If not, the host could not replace it and would not run the function, so this is the
   * default schedule.
   */
  sweepTimer: string;
}

/** Reads `SWEEP_SCHEDULE`. Reports a value that is not a six-field NCRONTAB expression, and returns the default in its place. */
export function readSweepSchedule(text: string | undefined, report: Report): SweepTimes {
  if (text === undefined) return { sweepSchedule: defaultSweepSchedule, sweepTimer: defaultSweepSchedule };
  const problem = ncrontabProblem(text);
  if (problem !== undefined) report('SWEEP_SCHEDULE', problem);
  return { sweepSchedule: problem === undefined ? text : defaultSweepSchedule, sweepTimer: '%SWEEP_SCHEDULE%' };
}

/**
 * One field of the NCRONTAB expressions of Azure Functions timers
 * (https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer, "NCRONTAB expressions"). Ranges and names
 * are those of the NCrontab library, with which the Functions host parses the expression.
 */
interface FieldRule {
  name: string;
  min: number;
  max: number;
  names?: readonly string[];
}

const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const months = [
  ...['january', 'february', 'march', 'april', 'may', 'june'],
  ...['july', 'august', 'september', 'october', 'november', 'december'],
];

const rules: readonly FieldRule[] = [
  { name: 'second', min: 0, max: 59 },
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, names: months },
  { name: 'day of the week', min: 0, max: 6, names: days },
];

/** The number of days of each month, from January, in a leap year. */
const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Checks an NCRONTAB expression. Returns what to write instead, or undefined if it is valid and occurs at some time.
 * Three things that the host accepts are refused, because they are probably mistakes: a range from a larger to a smaller
 * value (the host reverses it), a step of 0 or above the last value of the field, and names of one or two letters.
 */
export function ncrontabProblem(text: string): string | undefined {
  const fields = text.split(' ').filter((field) => field !== '');
  if (fields.length !== rules.length) {
    const hint = fields.length === 5 ? '; put the seconds first, such as 0 0 2 * * * for 02:00 UTC' : '';
    return `write the six fields {second} {minute} {hour} {day} {month} {day of the week}${hint}`;
  }
  const values: number[][] = [];
  for (const [index, rule] of rules.entries()) {
    const read = readField(fields[index] ?? '', rule);
    if (read === undefined) return `write the ${rule.name} (field ${index + 1}) as ${describe(rule)}`;
    values.push(read);
  }
  const [, , , monthDays = [], inMonths = []] = values;
  const firstDay = Math.min(...monthDays);
  if (!inMonths.some((month) => firstDay <= (longestMonths[month - 1] ?? 0))) {
    return 'has a day that none of its months has, so it never occurs; write another day or month';
  }
  return undefined;
}

function readField(text: string, rule: FieldRule): number[] | undefined {
  const values: number[] = [];
  for (const part of text.split(',')) {
    const read = readPart(part, rule);
    if (read === undefined) return undefined;
    values.push(...read);
  }
  return values;
}

/** `*`, `n` or `n-m`, each with or without a step `/s`; `n/s` is from n to the last value. */
function readPart(text: string, rule: FieldRule): number[] | undefined {
  const [, span = '', stepText] = /^([^/]+)(?:\/(\d{1,2}))?$/.exec(text) ?? [];
  const [firstText = '', lastText, ...more] = span.split('-');
  if (more.length > 0) return undefined;
  const first = span === '*' ? rule.min : readValue(firstText, rule);
  const toTheEnd = span === '*' || (lastText === undefined && stepText !== undefined);
  const last = toTheEnd ? rule.max : readValue(lastText ?? firstText, rule);
  const step = Number(stepText ?? 1);
  if (first === undefined || last === undefined || last < first || step < 1 || step > rule.max) return undefined;
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}

function readValue(text: string, { min, max, names = [] }: FieldRule): number | undefined {
  if (/^\d{1,2}$/.test(text)) {
    const value = Number(text);
    return value >= min && value <= max ? value : undefined;
  }
  const index = text.length < 3 ? -1 : names.findIndex((name) => name.startsWith(text.toLowerCase()));
  return index < 0 ? undefined : index + min;
}

function describe({ min, max, names }: FieldRule): string {
  const example = names ? `, a name such as ${names[0]?.slice(0, 3)},` : '';
  return `*, a number from ${min} to ${max}${example} or ranges, lists and steps of them`;
}
