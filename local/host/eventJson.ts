/** Parsing fails at this depth, as in the host's JSON reader. */
const maxDepth = 64;

/**
 * Parses an Event Grid request as the host's JSON library parses valid JSON: a byte order mark is ignored, numbers out of range
 * become strings, a lone surrogate becomes U+FFFD. The extensions that the library accepts (comments, single quotes, bare keys,
 * trailing commas, `NaN`, octal numbers) are refused here, since Event Grid sends valid JSON. Throws `SyntaxError`.
 */
export function parseEventJson(bytes: Buffer): unknown {
  const value: unknown = JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, ''));
  return asRead(value, 1);
}

function asRead(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= maxDepth) throw new SyntaxError(`The JSON is nested ${maxDepth} levels deep or more.`);
  if (Array.isArray(value)) return value.map((item) => asRead(item, depth + 1));
  // `Object.fromEntries` also keeps a member `__proto__` as plain data.
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name.toWellFormed(), asRead(item, depth + 1)]),
  );
}
