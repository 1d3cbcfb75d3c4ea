/** What stands in a recording in place of a value that is not on the list of harmless ones. */
export const sanitized = 'Sanitized';

/** What identifies this run and this hub, and what stands in its place. The longest comes first. */
export type Replacements = readonly (readonly [from: string, to: string])[];

const trackingId = /\b[0-9a-f]{32}\b/gi;
const guid = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi;

/** A host name need not contain the name that the hub has in its own texts. */
const nameInText = /(\bin IotHub '?)[\w.-]+/gi;

/** Kept as they are: what stands between the words of an error text, and times in it. */
const separators = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?Z?|[\s;:,'"()[\]{}\\=<>?!&]+)/;

/** A word, a short number, a placeholder or a date, joined with others by hyphens; a full stop may follow. */
const part = '(?:[A-Za-z]{1,40}|\\d{1,6}|0{32}|0{8}|0{12}|LiveCheckDevice\\d{7})';
const harmlessWord = new RegExp(
  `^(?:${part}(?:[-_]${part})*|\\d{2}/\\d{2}/\\d{4}|contoso\\.azure-devices\\.net|[*./-]*)\\.?$`,
);

/** A time in ISO 8601, as hubs write it, with or without a zone. */
export const hubTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|\+00:00)?$/;

/**
 * Returns the words of a hub's text that can identify nobody (plain words, short numbers, dates); every other one is `Sanitized`.
 * Own ids and the hub's names become placeholders, tracking ids zeros.
 */
export function sanitizedText(text: string, replacements: Replacements): string {
  const zeros = (match: string) => match.replace(/[0-9a-f]/gi, '0');
  return withReplacements(text, replacements)
    .replace(nameInText, '$1contoso')
    .replace(guid, zeros)
    .replace(trackingId, zeros)
    .split(separators)
    .map((word, index) => (index % 2 === 1 || isHarmless(word) ? word : sanitized))
    .join('');
}

const isHarmless = (word: string) => word.length <= 80 && harmlessWord.test(word);

/** A name of one label counts only as a whole word, so that a hub called `device` leaves `devices` alone. */
export function withReplacements(text: string, replacements: Replacements): string {
  return replacements.reduce((result, [from, to]) => {
    const escaped = from.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return result.replace(new RegExp(`(?<![A-Za-z0-9-])${escaped}(?![A-Za-z0-9-])`, 'gi'), to);
  }, text);
}
