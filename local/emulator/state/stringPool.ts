/** The pool is cleared beyond this number: the more distinct texts there are, the less memory sharing saves. */
const maxTexts = 1000;

/** Interns strings: a module id on a million devices is one string in memory. */
export class StringPool {
  private readonly texts = new Map<string, string>();

  /** The pooled string that equals `text`. */
  intern(text: string): string {
    const known = this.texts.get(text);
    if (known !== undefined) return known;
    if (this.texts.size >= maxTexts) this.texts.clear();
    this.texts.set(text, text);
    return text;
  }
}
