import * as z from 'zod/mini';

// Parts that several members of the policy schema use.

const percentError = 'write a number from 0 to 100';

/** A percentage from 0 to 100. */
export const percent = z
  .number({ error: percentError })
  .check(z.minimum(0, { error: percentError }), z.maximum(100, { error: percentError }));

/** A pattern for device ids, with the syntax of `matchesGlob`. */
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

/** Adds a description, which editors show (docs/policy.schema.json). */
export function described<Item extends z.ZodMiniType>(item: Item, text: string): Item {
  return item.check(z.describe(text));
}

/** A member that may be left out, with its description. */
export function optional<Item extends z.ZodMiniType>(item: Item, text: string) {
  return z.exactOptional(described(item, text));
}

/** A list of at least one item; `error` is the message for any other value. */
export function listOf<Item extends z.ZodMiniType>(item: Item, error: string) {
  return z.array(item, { error }).check(z.minLength(1, { error }));
}

/** Whether a pattern has characters that no device id has, or ends like a regular expression. It would select no device. */
function looksLikeRegExp(pattern: string): boolean {
  return /[^A-Za-z0-9\-:.+%_#*?!(),=@;$'\\]/.test(pattern) || /\.[*+]\$$/.test(pattern);
}

function trailingBackslashes(text: string): number {
  return text.length - text.replace(/\\+$/, '').length;
}
