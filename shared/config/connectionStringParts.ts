/**
 * The `name=value` parts of a connection string, names in lower case, blanks around both taken off. A value may hold
 * `=`, as base64 does. Undefined when a part has no name; of a name that comes twice the last one counts.
 */
export function connectionStringParts(text: string): Map<string, string> | undefined {
  const parts = new Map<string, string>();
  for (const part of text.split(';')) {
    if (part.trim() === '') continue;
    const equals = part.indexOf('=');
    if (equals < 1) return undefined;
    parts.set(part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim());
  }
  return parts;
}

/** Whether `text` is base64 with its padding, and not empty. */
export function isBase64(text: string): boolean {
  return text !== '' && text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

/** Whether `text` is the address of an HTTP service. */
export function isHttpAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
