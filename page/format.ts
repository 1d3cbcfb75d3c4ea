const numbers = new Intl.NumberFormat('en');
const decimals = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const dayAndTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** A whole number with separators. */
export const whole = (value: number): string => numbers.format(value);

/** A number with at most one decimal. */
export const rough = (value: number): string => decimals.format(value);

/** Formats a share from 0 to 1 in percent. Only the share 1 is shown as 100 %. */
export function percent(share: number): string {
  const tenths = Math.floor(share * 1000) / 10;
  return `${decimals.format(tenths === 0 && share > 0 ? 0.1 : tenths)}\u00a0%`;
}

/** `count` with the right form of a noun. */
export function plural(count: number, one: string, more = `${one}s`): string {
  return `${whole(count)} ${count === 1 ? one : more}`;
}

/** A time in the reader's time zone; a text that is not a time is shown unchanged. */
export function time(iso: string): string {
  return Number.isNaN(Date.parse(iso)) ? iso : dayAndTime.format(new Date(iso));
}

/** How long from now, such as "in 2 h 5 min" or "3 min ago". */
export function distance(iso: string, nowMs: number): string {
  const ms = Date.parse(iso) - nowMs;
  if (Number.isNaN(ms)) return '';
  if (Math.abs(ms) < 1000) return 'now';
  return ms > 0 ? `in ${duration(ms)}` : `${duration(-ms)} ago`;
}

/** A duration in its two largest units. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.round(hours / 24)} days`;
}

/** Sum of the counts. */
export const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, one) => total + one, 0);

/** Counts by reason as text, the largest first. */
export const reasons = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .toSorted(([, one], [, other]) => other - one)
    .map(([reason, count]) => `${reason} ${whole(count)}`)
    .join(', ');
