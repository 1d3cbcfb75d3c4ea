import { distance } from 'fastest-levenshtein';
import * as z from 'zod/mini';

/** One problem in a JSON setting. `path` is relative to the setting, such as `[1].tier`; empty for the whole setting. */
export interface JsonProblem {
  path: string;
  message: string;
}

export type JsonResult<T> = { ok: true; value: T } | { ok: false; problems: JsonProblem[] };

/**
 * Parses `text` as JSON and checks it with `schema`. Every schema must have its own `error` text, because the user reads
 * it. No message quotes a value, or a key that is not a plain word: the text may contain connection strings.
 */
export function readJson<T>(text: string, schema: z.ZodMiniType<T>): JsonResult<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { ok: false, problems: [{ path: '', message: `is not JSON${positionOf(error)}; write valid JSON` }] };
  }
  if (hasProtoKey(json)) return { ok: false, problems: [{ path: '', message: 'remove the key __proto__' }] };
  const result = schema.safeParse(json);
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, problems: result.error.issues.map(({ path, message }) => ({ path: jsonPath(path), message })) };
}

/**
 * Returns the schema of an object with these keys and no others. The message about an unknown key suggests a similar key. If
 * there is none, it describes the keys with `what`, or lists them all without `what`.
 */
export function objectOf<Shape extends z.core.$ZodShape>(shape: Shape, what?: string) {
  const known = Object.keys(shape);
  const expected = what ?? `one of ${known.join(', ')}`;
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => unknownKey(key, known, expected)).join('; ')
        : `write an object with ${known.join(', ')}`,
  });
}

/** Returns the path of a zod issue in the form `[1].tier`. */
export function jsonPath(path: readonly PropertyKey[]): string {
  return path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${plainKey(String(step))}`)).join('');
}

function unknownKey(key: string, known: readonly string[], expected: string): string {
  const near = known.find((name) => distance(name.toLowerCase(), key.toLowerCase()) <= 2);
  const advice = near === undefined ? `write ${expected}` : `did you mean ${near}?`;
  return `has the unknown key ${plainKey(key)}: ${advice}`;
}

function plainKey(key: string): string {
  return /^[A-Za-z][\w.-]{0,31}$/.test(key) ? key : '(not shown)';
}

/** Returns the position of a JSON error. The rest of V8's message is not used, because it quotes the text. */
function positionOf(error: SyntaxError): string {
  const [, line, column] = /\(line (\d+) column (\d+)\)$/.exec(error.message) ?? [];
  return line === undefined ? '' : ` (line ${line}, column ${column})`;
}

/** Whether an object in the JSON has the key `__proto__`. Zod drops this key without an error, which could widen a selection. */
function hasProtoKey(json: unknown): boolean {
  const values = [json];
  while (values.length > 0) {
    const value = values.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (Object.hasOwn(value, '__proto__')) return true;
    for (const entry of Object.values(value)) values.push(entry);
  }
  return false;
}
