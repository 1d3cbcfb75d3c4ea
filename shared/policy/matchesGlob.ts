/**
 * Whether the whole of `text` matches `glob`: `*` is any run of characters, also none; `?` is any one; `\` takes the
 * next character as it is (device ids may hold `*` and `?` themselves); everything else stands for itself, in its case.
 * Goes back to the last `*` only, so the time is bounded by the product of the lengths, whatever the glob.
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
      // The last star takes one character more. An earlier star cannot help: what follows it has matched already at
      // the first place where it could.
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

/** How many characters of `glob` at `at` stand for the one character `char`; 0 when they do not. */
function widthIfOneMatches(glob: string, at: number, char: string | undefined): number {
  const token = glob[at];
  if (token === '\\' && at + 1 < glob.length) return glob[at + 1] === char ? 2 : 0;
  return token === '?' || token === char ? 1 : 0;
}
