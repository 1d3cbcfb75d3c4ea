/**
 * Returns the `name=value` parts of a connection string: names in lower case, without white space around names and
 * values. A value may contain `=`, as base64 does. If a name occurs twice, the last value is returned. Returns undefined
 * if a part has no `=` or no name.
 */
export function connectionStringParts(text: string): Map<string, string> | undefined {
  const parts = new Map<string, string>();
  for (const part of text.split(';')) {
    if (part.trim() === '') continue;
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(0, equals)).trim();
    if (name === '') return undefined;
    parts.set(name.toLowerCase(), part.slice(equals + 1).trim());
  }
  return parts;
}

/** Whether `text` is base64 with padding, and not empty. */
export function isBase64(text: string): boolean {
  return text !== '' && text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

/** Whether `text` is an absolute `http` or `https` URL. */
export function isHttpAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
