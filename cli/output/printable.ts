/**
 * Control characters of both blocks (C0, C1: also without ESC a terminal may obey U+009B), characters that format or reverse the
 * text around them, and separators of lines.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Untrusted text as one line that cannot control a terminal: control characters are written as `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The same JSON without characters that control a terminal, except for the line breaks between members. */
export function printableJson(value: unknown): string {
  // Outside of strings JSON has no such character, and in them JSON.stringify has escaped those below U+0020.
  return JSON.stringify(value, null, 2).replace(unprintable, (character) =>
    character === '\n'
      ? character
      : [...Array(character.length).keys()]
          .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
          .join(''),
  );
}
