/**
 * Whether `glob` matches all of `text`. `*` matches any number of characters, also none; `?` matches one character; `\`
 * escapes the next character (device ids may contain `*` and `?`). Other characters match themselves, case-sensitive.
 * Backtracks to the last `*` only, so the time is bounded by the product of the two lengths.
 */
export function matchesGlob(glob: string, text: string): boolean {
  let at = 0;
  let textAt = 0;
  let afterStar = -1;
  let starTextAt = 0;
  while (textAt < text.length) {
    if (glob[at] === '*') {
      at += 1;
      afterStar = at;
      starTextAt = textAt;
      continue;
    }
    const width = widthIfOneMatches(glob, at, text[textAt]);
    if (width > 0) {
      at += width;
      textAt += 1;
    } else if (afterStar >= 0) {
      // Let the last star match one more character. Extending an earlier star cannot help, because the part after that
      // star has already matched at the first possible position.
      starTextAt += 1;
      textAt = starTextAt;
      at = afterStar;
    } else {
      return false;
    }
  }
  while (glob[at] === '*') at += 1;
  return at === glob.length;
}

/** Returns the length of the token of `glob` at `at` (2 for an escape) if it matches the character `char`; otherwise 0. */
function widthIfOneMatches(glob: string, at: number, char: string | undefined): number {
  const token = glob[at];
  if (token === '\\' && at + 1 < glob.length) return glob[at + 1] === char ? 2 : 0;
  return token === '?' || token === char ? 1 : 0;
}
