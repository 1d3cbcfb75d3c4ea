/** The JSON value of `text`; undefined if `text` is not JSON, such as a proxy's page or a truncated line. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The values of the lines of an NDJSON text. Skips lines that are not JSON. */
export function* parsedLines(ndjson: string): Generator<unknown> {
  for (const line of ndjson.split('\n')) {
    const value = line === '' ? undefined : parsedJson(line);
    if (value !== undefined) yield value;
  }
}
