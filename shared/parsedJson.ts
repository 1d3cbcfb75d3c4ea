/** The JSON value of a text; undefined if it is not JSON, such as a page of a proxy or a line that was cut off. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The values of the lines of NDJSON; a line that is not JSON is left out. */
export function* parsedLines(ndjson: string): Generator<unknown> {
  for (const line of ndjson.split('\n')) {
    const value = line === '' ? undefined : parsedJson(line);
    if (value !== undefined) yield value;
  }
}
