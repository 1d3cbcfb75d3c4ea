/** A document as it was read. */
export interface StoredDocument<T> {
  value: T;
  /** Identifies the version; a write with this etag succeeds only if no newer version is stored. */
  etag: string;
  /** The time of the response by the clock of storage: Unix time in ms, in whole seconds; undefined if the response has none. */
  readAtMs?: number;
}

/** Another writer has changed, created or removed the document: read it again before any decision. */
export class StaleDocumentError extends Error {
  constructor(path: string) {
    super(`The document ${path} was changed by another writer.`);
    this.name = 'StaleDocumentError';
  }
}

/** JSON documents with optimistic concurrency. */
export interface Documents {
  /** Returns undefined if there is no such document. Throws `DamagedDocumentError` if it is not JSON. */
  read<T>(path: string): Promise<StoredDocument<T> | undefined>;
  /** Reads only the etag, not the content; undefined if there is no such document. */
  readEtag(path: string): Promise<string | undefined>;
  /**
   * Writes the document if its etag is still `etag`; without `etag`, if there is no such document. Returns the new etag. Throws
   * `StaleDocumentError` if the condition is not met.
   */
  write(path: string, value: unknown, etag: string | undefined): Promise<string>;
  /** Returns all paths that begin with `prefix`, in ascending order. */
  list(prefix: string): Promise<string[]>;
  /** Removes the document. No error if there is no such document. */
  remove(path: string): Promise<void>;
}

/** A text as it was read. */
export interface ReadText {
  /** At most `maxBytes` + 1 bytes of UTF-8, so that the caller sees whether the text is too long. */
  text: string;
  etag: string;
}

/** Texts that are read often and rarely change. */
export interface ChangingTexts {
  /** Reads at most `maxBytes` + 1 bytes of the text; `unchanged` if its etag is still `etag`; undefined if there is no text. */
  readTextUnless(path: string, etag: string | undefined, maxBytes: number): Promise<ReadText | 'unchanged' | undefined>;
}

/** Lists etags, so that a caller reads only the documents that have changed. */
export interface ListedEtags {
  /** The etags of all documents whose paths begin with `prefix`, by path. */
  listEtags(prefix: string): Promise<ReadonlyMap<string, string>>;
}

/** Texts in numbered parts. Each part is a separate blob, so that one part can be replaced. */
export interface PartedTexts {
  /** Creates or replaces one part; `part` counts from 1. */
  writePart(path: string, part: number, text: string): Promise<void>;
  /** Creates a part; false if it exists already. After a lost response, a repeated call may find its own part and return false. */
  addPart(path: string, part: number, text: string): Promise<boolean>;
  /** Returns one part; undefined if there is none. */
  readPart(path: string, part: number): Promise<string | undefined>;
  /** Returns a text that is not in parts; undefined if there is none. */
  readText(path: string): Promise<string | undefined>;
}

/** The numbers of the parts of a text, in ascending order. */
export async function partNumbers(documents: Pick<Documents, 'list'>, path: string): Promise<number[]> {
  const names = (await documents.list(`${path}/`)).map((name) => /\/(\d+)\.ndjson$/.exec(name)?.[1]);
  return names.filter((name) => name !== undefined).map(Number);
}

/** The path of one part of a text, for `list` and `remove` too. Sorted paths are in the order of their numbers up to 99,999. */
export function partPath(path: string, part: number): string {
  return `${path}/${String(part).padStart(5, '0')}.ndjson`;
}
