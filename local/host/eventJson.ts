/** As in the host's JSON reader: from this depth on parsing fails. */
const maxDepth = 64;

/**
 * Parses an Event Grid request as the host's JSON library does, as far as valid JSON goes: a byte order mark passes, numbers
 * beyond the range become strings, a lone surrogate becomes U+FFFD. What that library also takes (comments, single quotes,
 * bare keys, trailing commas, `NaN`, octal numbers) is refused here: Event Grid sends valid JSON. Throws `SyntaxError`.
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
