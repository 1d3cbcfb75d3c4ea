/** Microseconds since 1970-01-01T00:00Z: precise enough for generation ids, and exact in a double. */
export type Micros = number;

/** A moment that has not happened; the hub writes 0001-01-01. */
export const never: Micros = -1;

const microsPerMs = 1000;
const ticksPerMicro = 10n;
const unixEpochTicks = 621_355_968_000_000_000n; // .NET ticks (100 ns since year 1) at 1970-01-01

export const microsOf = (ms: number): Micros => Math.floor(ms * microsPerMs);
export const msOf = (micros: Micros): number => micros / microsPerMs;

/** ISO 8601 as the hub writes it: no trailing zeros in the fraction, `Z` unless `zone` is false. */
export function timeText(micros: Micros, zone = true): string {
  const suffix = zone ? 'Z' : '';
  if (micros === never) return `0001-01-01T00:00:00${suffix}`;
  const seconds = Math.floor(micros / 1_000_000);
  const fraction = String(micros - seconds * 1_000_000)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return `${whole}${fraction === '' ? '' : `.${fraction}`}${suffix}`;
}

/** `generationId`: the moment of creation in .NET ticks, 18 digits. */
export function ticksText(micros: Micros): string {
  return (BigInt(micros) * ticksPerMicro + unixEpochTicks).toString();
}

/** The time in a tracking id: `MM/dd/yyyy HH:mm:ss`, UTC. */
export function trackingTimeText(ms: number): string {
  const iso = new Date(ms).toISOString();
  return `${iso.slice(5, 7)}/${iso.slice(8, 10)}/${iso.slice(0, 4)} ${iso.slice(11, 19)}`;
}
