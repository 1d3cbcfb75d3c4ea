import { QuerySyntaxError } from './ast.ts';

export type Token = { at: number } & (
  | { kind: 'word'; text: string }
  /** A name in double brackets, `[[odd name]]`. */
  | { kind: 'quotedName'; text: string }
  | { kind: 'string'; text: string }
  | { kind: 'number'; value: number }
  | { kind: 'symbol'; text: string }
  | { kind: 'end' }
);

const space = /\s+/y;
const word = /[A-Za-z_$][A-Za-z0-9_$]*/y;
/** A member's name or an alias may contain hyphens; a collection's field may not, so `version-1` stays a subtraction. */
const hyphenatedName = /[A-Za-z_$][A-Za-z0-9_$]*(?:-[A-Za-z0-9_$]+)*/y;
const hexadecimal = /0[xX][0-9A-Fa-f]+/y;
const decimal = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const symbol = /<=|>=|<>|!=|[=<>()[\],.*+\-/%]/y;
const quotedName = /\[\[([^[\]]+)\]\]/y;
const escapeSequence = /\\(?:u([0-9A-Fa-f]{4})|(['"\\]))/y;

/** Splits a query into tokens. Throws `QuerySyntaxError` for a character that the language does not have. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at = pattern.lastIndex;
    return match;
  };
  while (at < text.length) {
    if (take(space)) continue;
    const start = at;
    const quote = text[at];
    if (quote === "'" || quote === '"') {
      const literal = readString(text, at, quote);
      tokens.push({ kind: 'string', text: literal.value, at: start });
      at = literal.end;
      continue;
    }
    const name = take(quotedName);
    if (name) {
      tokens.push({ kind: 'quotedName', text: (name[1] ?? '').trim(), at: start });
      continue;
    }
    const bare = take(isNameOnly(tokens.at(-1)) ? hyphenatedName : word);
    if (bare) {
      tokens.push({ kind: 'word', text: bare[0], at: start });
      continue;
    }
    const number = take(hexadecimal) ?? take(decimal);
    if (number) {
      tokens.push({ kind: 'number', value: Number(number[0]), at: start });
      continue;
    }
    const mark = take(symbol);
    if (!mark) throw new QuerySyntaxError(`Unexpected character at ${start}`);
    tokens.push({ kind: 'symbol', text: mark[0], at: start });
  }
  tokens.push({ kind: 'end', at });
  return tokens;
}

/** Whether the next word can only be a member's name or an alias (`properties.desired.Key-1 AS Key-1`). */
const isNameOnly = (before: Token | undefined): boolean =>
  before !== undefined &&
  ((before.kind === 'symbol' && before.text === '.') || (before.kind === 'word' && before.text.toUpperCase() === 'AS'));

/** Escapes are `\'` `\"` `\\` `\uXXXX` (Microsoft's page on the query language). */
function readString(text: string, start: number, quote: string): { value: string; end: number } {
  let value = '';
  let at = start + 1;
  for (;;) {
    const character = text[at];
    if (character === undefined) throw new QuerySyntaxError(`The string at ${start} is not closed`);
    if (character === quote) return { value, end: at + 1 };
    if (character !== '\\') {
      value += character;
      at += 1;
      continue;
    }
    escapeSequence.lastIndex = at;
    const escaped = escapeSequence.exec(text);
    if (!escaped) throw new QuerySyntaxError(`Unknown escape at ${at}`);
    value += escaped[1] === undefined ? (escaped[2] ?? '') : String.fromCharCode(Number.parseInt(escaped[1], 16));
    at = escapeSequence.lastIndex;
  }
}
