/** The format of a JSON value: names in their order, types, nulls, and the kind of each string. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value === 'string') return textKind(value);
  if (typeof value !== 'object' || value === null) return value === null ? null : typeof value;
  return Object.entries(value).map(([name, member]) => [name, shapeOf(member)]);
}

const kinds: readonly (readonly [string, RegExp])[] = [
  ['never', /^0001-01-01T00:00:00$/],
  ['never, with zone', /^0001-01-01T00:00:00Z$/],
  ['time, with zone', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,6}[1-9])?Z$/],
  ['ticks', /^\d{18}$/],
  ['twin etag', /^AAAAAAAAA[A-Za-z0-9+/]{2}=$/],
  ['key', /^(?:Sanitized|[A-Za-z0-9+/]{43}=)$/],
  ['tracking id', /^Tracking ID:[0-9a-f]{32}(-G:\d)?-TimeStamp:\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d$/],
  ['identity etag', /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/],
];

/** Other strings are compared as they are, except ids that differ in each run. */
function textKind(text: string): string {
  const kind = kinds.find(([, pattern]) => pattern.test(text) && isDecimalIfEtag(text, pattern));
  if (kind) return kind[0];
  return /\d{7,}$/.test(text) ? 'id' : text;
}

function isDecimalIfEtag(text: string, pattern: RegExp): boolean {
  const isEtagPattern = pattern === kinds.at(-1)?.[1];
  return !isEtagPattern || /^\d+$/.test(Buffer.from(text, 'base64').toString());
}

/** The order of magnitude of every number in a JSON value, in document order; zero has none. */
export function magnitudesOf(value: unknown): (number | 'zero')[] {
  if (typeof value === 'number') return [value === 0 ? 'zero' : Math.floor(Math.log10(Math.abs(value)))];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(magnitudesOf);
}
