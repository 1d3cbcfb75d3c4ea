/** How it stands with an exemption. Only `ended` lets the device count again. */
export const exemptionStates = ['active', 'endsSoon', 'ended', 'withoutEnd', 'unreadable'] as const;
export type ExemptionState = (typeof exemptionStates)[number];

/** What the exempt tag of a device says. */
export interface Exemption {
  state: ExemptionState;
  /** As it was written. */
  until?: string;
  reason?: string;
}

/** An exemption that ends within this time is reported as `endsSoon`. */
const soonMs = 14 * 24 * 3600 * 1000;
const dayMs = 24 * 3600 * 1000;

/** Texts from others are not repeated at any length: a twin has strings of up to 4 KB. */
const maxTextLength = 256;

/**
 * Reads the value of an exempt tag: `true`, a reason, or `{"until": …, "reason": …}`. Undefined for no tag, null and `false`. An
 * `until` that is no date or time, and a value of another kind, keep the exemption and are `unreadable`: a device is rather left
 * out than changed by a guess.
 */
export function exemptionOf(value: unknown, nowMs: number): Exemption | undefined {
  if (value === undefined || value === null || value === false) return undefined;
  if (value === true) return { state: 'withoutEnd' };
  if (typeof value === 'string') return { state: 'withoutEnd', ...withText('reason', value) };
  if (typeof value !== 'object' || Array.isArray(value)) return { state: 'unreadable' };
  const { until, reason } = value as Record<string, unknown>;
  return { state: stateOf(until, nowMs), ...withText('until', until), ...withText('reason', reason) };
}

function stateOf(until: unknown, nowMs: number): ExemptionState {
  if (until === undefined || until === null) return 'withoutEnd';
  const endMs = endOf(until);
  if (endMs === undefined) return 'unreadable';
  if (nowMs >= endMs) return 'ended';
  return endMs - nowMs <= soonMs ? 'endsSoon' : 'active';
}

/**
 * The first moment after the exemption, in milliseconds since 1970. A date counts to its end, in UTC; a time without an offset is
 * in UTC. Undefined for anything else, such as the 30th of February.
 */
function endOf(until: unknown): number | undefined {
  if (typeof until !== 'string') return undefined;
  const [, date, time, offset = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(until) ?? [];
  if (date === undefined) return undefined;
  const dateMs = Date.parse(`${date}T00:00:00Z`);
  // `Date.parse` takes the 30th of February for the 2nd of March.
  if (Number.isNaN(dateMs) || new Date(dateMs).toISOString().slice(0, 10) !== date) return undefined;
  if (time === undefined) return dateMs + dayMs;
  const ms = Date.parse(`${date}T${time}${offset}`);
  return Number.isNaN(ms) ? undefined : ms;
}

function withText<Name extends string>(name: Name, value: unknown): { [key in Name]?: string } {
  if (typeof value !== 'string' || value === '') return {};
  return { [name]: value.slice(0, maxTextLength) } as { [key in Name]?: string };
}
