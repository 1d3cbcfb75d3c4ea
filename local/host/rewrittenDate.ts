const msPerMinute = 60_000;
/** Fractions of a .NET time have seven digits. */
const fractionDigits = 7;
const firstMs = Date.parse('0001-01-01T00:00:00Z');
const endMs = Date.UTC(10_000, 0, 1);

/** `yyyy-MM-ddTHH:mm:ss`, a fraction, a zone. The unusual forms of zones are those that the host's parser accepts. */
const datePattern =
  /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{7}|\d{1,6}(?!\d)))?([Zz]|([+-])(\d\d)(?::(\d\d)?|(\d\d))?|:(?:\d\d)?|\d\d)?$/;
/** Microsoft's older form: milliseconds since 1970, and a zone that says only that the time is a local one. */
const msDatePattern = /^\/Date\((-?\d+)([+-]\d\d(?:\d\d)?)?\)\/$/;

/**
 * The string that a function receives for `text` in an Event Grid event. The host parses events with Json.NET: it converts
 * a string that consists of a date with a time to a date, and writes it again without trailing zeros of the fraction; a
 * time with an offset is converted to the host's local time, which is UTC. Other strings do not change. docs/localHost.md
 * says which cases are measured. Throws a `RangeError` for a date after year 9999.
 */
export function rewrittenDate(text: string): string {
  const msDate = msDatePattern.exec(text);
  if (msDate) return rewrittenMsDate(text, Number(msDate[1]), msDate[2] !== undefined);
  const match = datePattern.exec(text);
  if (!match) return text;
  const [, day = '', hour, minute, second, fraction = '', zone, sign, zoneHour, minutesAfterColon, minutesDirectly] =
    match;
  const midnightMs = Date.parse(`${day}T00:00:00Z`);
  // `Date.parse` may take the 31st of a short month for the 1st of the next.
  if (Number.isNaN(midnightMs) || !isoText(midnightMs).startsWith(day) || day.startsWith('0000')) return text;
  const isEndOfDay = Number(hour) === 24 && Number(minute) + Number(second) + Number(fraction) === 0;
  if ((Number(hour) > 23 && !isEndOfDay) || Number(minute) > 59 || Number(second) > 59) return text;
  const localMs = midnightMs + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000;
  if (localMs >= endMs) throw new RangeError('The host fails for a date after year 9999.');
  if (sign === undefined) return written(localMs, fraction, zone?.toLowerCase() === 'z' ? 'Z' : '');
  const zoneMinutes = Number(zoneHour) * 60 + Number(minutesAfterColon ?? minutesDirectly ?? 0);
  const utcMs = localMs - (sign === '+' ? 1 : -1) * zoneMinutes * msPerMinute;
  if (utcMs < firstMs) return written(firstMs, '', '+00:00');
  if (utcMs >= endMs) return written(endMs - 1000, '9'.repeat(fractionDigits), '+00:00');
  return written(utcMs, fraction, '+00:00');
}

function rewrittenMsDate(text: string, ms: number, isLocal: boolean): string {
  if (!(ms >= firstMs && ms < endMs)) return text;
  const wholeSecondsMs = Math.floor(ms / 1000) * 1000;
  const fraction = String(ms - wholeSecondsMs).padStart(3, '0');
  return written(wholeSecondsMs, fraction, isLocal ? '+00:00' : 'Z');
}

function written(ms: number, fraction: string, zone: string): string {
  const digits = fraction.replace(/0+$/, '');
  return `${isoText(ms).slice(0, 'yyyy-MM-ddTHH:mm:ss'.length)}${digits && `.${digits}`}${zone}`;
}

function isoText(ms: number): string {
  return new Date(ms).toISOString();
}
