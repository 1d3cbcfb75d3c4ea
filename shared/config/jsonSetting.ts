import { distance } from 'fastest-levenshtein';
import * as z from 'zod/mini';

/** Something wrong inside a JSON setting. `path` is relative to the setting, such as `[1].tier`; empty for all of it. */
export interface JsonProblem {
  path: string;
  message: string;
}

export type JsonResult<T> = { ok: true; value: T } | { ok: false; problems: JsonProblem[] };

/**
 * Reads `text` as JSON of the form `schema`. Every schema must bring its own words (`error`), since those are what the
 * user reads. No message quotes a value, and a key only when it is a plain word: the text may hold connection strings.
 */
export function readJson<T>(text: string, schema: z.ZodMiniType<T>): JsonResult<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { ok: false, problems: [{ path: '', message: `is not JSON${placeOf(error)}; write valid JSON` }] };
  }
  if (holdsProtoKey(json)) return { ok: false, problems: [{ path: '', message: 'take the key __proto__ away' }] };
  const result = schema.safeParse(json);
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, problems: result.error.issues.map(({ path, message }) => ({ path: jsonPath(path), message })) };
}

/** An object with these keys and no others; a key that is none of them is named, with the one that it resembles. */
export function objectOf<Shape extends z.core.$ZodShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => unknownKey(key, known)).join('; ')
        : `write an object with ${known.join(', ')}`,
  });
}

/** The path of a zod issue in the form `[1].tier`. */
export function jsonPath(path: readonly PropertyKey[]): string {
  return path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${plainKey(String(step))}`)).join('');
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = known.find((name) => distance(name.toLowerCase(), key.toLowerCase()) <= 2);
  const advice = near === undefined ? `write one of ${known.join(', ')}` : `did you mean ${near}?`;
  return `has no ${plainKey(key)}: ${advice}`;
}

function plainKey(key: string): string {
  return /^[A-Za-z][\w.-]{0,31}$/.test(key) ? key : '(an odd key)';
}

/** V8's message quotes the text, so that only the place is taken from it. */
function placeOf(error: SyntaxError): string {
  const [, line, column] = /\(line (\d+) column (\d+)\)$/.exec(error.message) ?? [];
  return line === undefined ? '' : ` (line ${line}, column ${column})`;
}

/** Zod drops this key without a word, which could turn a narrow selection into a wide one. */
function holdsProtoKey(json: unknown): boolean {
  const left = [json];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (Object.hasOwn(value, '__proto__')) return true;
    for (const entry of Object.values(value)) left.push(entry);
  }
  return false;
}
