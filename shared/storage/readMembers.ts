// Reads stored JSON that another version of the app may have written: a member that is missing or invalid gets a default.

/** The members of an object; an empty object for any other value. */
export function membersOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** The value if it is a finite number, else `otherwise`. */
export function numberOr<Otherwise>(value: unknown, otherwise: Otherwise): number | Otherwise {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}

/** The value if it is a whole number from 0 on, else `otherwise`. */
export function countOr<Otherwise>(value: unknown, otherwise: Otherwise): number | Otherwise {
  return isCount(value) ? value : otherwise;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** The value if it is a string, else `otherwise`. */
export function stringOr<Otherwise>(value: unknown, otherwise: Otherwise): string | Otherwise {
  return typeof value === 'string' ? value : otherwise;
}

/** The value if it is a time (ISO 8601), else `otherwise`. */
export function timeOr<Otherwise>(value: unknown, otherwise: Otherwise): string | Otherwise {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : otherwise;
}

/** The members of an object that are strings. */
export function stringsOf(value: unknown): Record<string, string> {
  const entries = Object.entries(membersOf(value)).filter(([, member]) => typeof member === 'string');
  return Object.fromEntries(entries) as Record<string, string>;
}

/** The members of an object that are finite numbers. */
export function numbersOf(value: unknown): Record<string, number> {
  const entries = Object.entries(membersOf(value)).filter(([, member]) => numberOr(member, undefined) !== undefined);
  return Object.fromEntries(entries) as Record<string, number>;
}

/** The members of an object that are whole numbers from 0 on. `isWhole`: `value` is an object and has no other members. */
export function countsOf(value: unknown): { counts: Record<string, number>; isWhole: boolean } {
  const entries = Object.entries(membersOf(value));
  const counts = entries.filter(([, member]) => isCount(member));
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return {
    counts: Object.fromEntries(counts) as Record<string, number>,
    isWhole: isObject && counts.length === entries.length,
  };
}
