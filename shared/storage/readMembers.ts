// Reading stored JSON that another version of the app may have written: what is missing or has another type gets a default.

/** The members of an object; none of anything else. */
export function membersOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** The number, or `otherwise` for anything that is not finite. */
export function numberOr<Otherwise>(value: unknown, otherwise: Otherwise): number | Otherwise {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}

/** The string, or `otherwise`. */
export function stringOr<Otherwise>(value: unknown, otherwise: Otherwise): string | Otherwise {
  return typeof value === 'string' ? value : otherwise;
}

/** The time (ISO 8601), or `otherwise`. */
export function timeOr<Otherwise>(value: unknown, otherwise: Otherwise): string | Otherwise {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : otherwise;
}

/** The members that are strings. */
export function stringsOf(value: unknown): Record<string, string> {
  const entries = Object.entries(membersOf(value)).filter(([, member]) => typeof member === 'string');
  return Object.fromEntries(entries) as Record<string, string>;
}

/** The members that are finite numbers. */
export function numbersOf(value: unknown): Record<string, number> {
  const entries = Object.entries(membersOf(value)).filter(([, member]) => numberOr(member, undefined) !== undefined);
  return Object.fromEntries(entries) as Record<string, number>;
}
