/** Above this many distinct texts sharing gains little; then it starts anew. */
const maxTexts = 1000;

/** Gives the same string object for the same text: one module id on a million devices is one string in memory. */
export class SharedStrings {
  private readonly texts = new Map<string, string>();

  one(text: string): string {
    const known = this.texts.get(text);
    if (known !== undefined) return known;
    if (this.texts.size >= maxTexts) this.texts.clear();
    this.texts.set(text, text);
    return text;
  }
}
