import * as z from 'zod/mini';

// Parts of the schema of policies that several of its members use.

const percentError = 'write a number from 0 to 100';

/** A share in percent. */
export const percent = z
  .number({ error: percentError })
  .check(z.minimum(0, { error: percentError }), z.maximum(100, { error: percentError }));

/** A pattern for device ids, as `matchesGlob` reads it. */
export const glob = z.string({ error: 'write a pattern such as "line-*"' }).check(
  z.minLength(1, { error: 'write a pattern such as "line-*"' }),
  z.refine((pattern) => !looksLikeRegExp(pattern), {
    error:
      'can match no device id: * stands for any characters and ? for one, such as "cork-*"; a regular expression such as "^cork-.*$" is not understood',
  }),
  z.refine((pattern) => trailingBackslashes(pattern) % 2 === 0, {
    error: 'ends in a single \\, which must have a character after it; write \\\\ or remove it',
  }),
);

/** `text` is shown by editors (docs/policy.schema.json). */
export function described<Item extends z.ZodMiniType>(item: Item, text: string): Item {
  return item.check(z.describe(text));
}

/** A member that may be left out. */
export function optional<Item extends z.ZodMiniType>(item: Item, text: string) {
  return z.exactOptional(described(item, text));
}

/** A list of at least one item. */
export function listOf<Item extends z.ZodMiniType>(item: Item, error: string) {
  return z.array(item, { error }).check(z.minLength(1, { error }));
}

/** Characters that no device id has, or the end of a regular expression. Both would select no device, without an error. */
function looksLikeRegExp(pattern: string): boolean {
  return /[^A-Za-z0-9\-:.+%_#*?!(),=@;$'\\]/.test(pattern) || /\.[*+]\$$/.test(pattern);
}

function trailingBackslashes(text: string): number {
  return text.length - text.replace(/\\+$/, '').length;
}
