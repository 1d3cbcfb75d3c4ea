/**
 * The states of an exemption. `endsSoon`: within 14 days. `withoutEnd`: no `until`. `unreadable`: the tag is not understood. A
 * device is excluded in every state except `ended`.
 */
export const exemptionStates = ['active', 'endsSoon', 'ended', 'withoutEnd', 'unreadable'] as const;
export type ExemptionState = (typeof exemptionStates)[number];

/** The exemption that the exempt tag of a device describes. */
export interface Exemption {
  state: ExemptionState;
  /** The end of the exemption, as it stands in the tag; at most 256 characters. */
  until?: string;
  /** As it stands in the tag; at most 256 characters. */
  reason?: string;
}

/** An exemption that ends within this time is reported as `endsSoon`. */
const soonMs = 14 * 24 * 3600 * 1000;
const dayMs = 24 * 3600 * 1000;

/** Longer texts of tags are cut, because they are copied into reports: a string in a twin has up to 4 KB. */
const maxTextLength = 256;

/**
 * Reads the value of an exempt tag: `true`, a reason, or `{"until": …, "reason": …}`. Returns undefined, no exemption, for no
 * tag, null and `false`. Any other value, and an `until` that is not a date or time, are an exemption in the state
 * `unreadable`: if the tag is not understood, the device is not changed. `nowMs`: milliseconds since 1970.
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
 * Returns the first moment after the exemption, in milliseconds since 1970. A date includes the whole day, in UTC; a time
 * without an offset is in UTC. Returns undefined for anything else, such as the 30th of February.
 */
function endOf(until: unknown): number | undefined {
  if (typeof until !== 'string') return undefined;
  const [, date, time, offset = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(until) ?? [];
  if (date === undefined) return undefined;
  const dateMs = Date.parse(`${date}T00:00:00Z`);
  // `Date.parse` reads the 30th of February as the 2nd of March.
  if (Number.isNaN(dateMs) || new Date(dateMs).toISOString().slice(0, 10) !== date) return undefined;
  if (time === undefined) return dateMs + dayMs;
  const ms = Date.parse(`${date}T${time}${offset}`);
  return Number.isNaN(ms) ? undefined : ms;
}

function withText<Name extends string>(name: Name, value: unknown): { [key in Name]?: string } {
  if (typeof value !== 'string' || value === '') return {};
  return { [name]: value.slice(0, maxTextLength) } as { [key in Name]?: string };
}
