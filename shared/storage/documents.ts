export interface StoredDocument<T> {
  value: T;
  /** The version of the document; a write with this etag succeeds only while it is the newest version. */
  etag: string;
  /** The storage's own time when it responded, in whole seconds (milliseconds since 1970); undefined if it did not say. */
  readAtMs?: number;
}

/** Another writer changed, created or deleted the document: read it again before any decision. */
export class StaleDocumentError extends Error {
  constructor(path: string) {
    super(`The document ${path} was changed by another writer.`);
    this.name = 'StaleDocumentError';
  }
}

/** JSON documents with optimistic concurrency. */
export interface Documents {
  /** Returns undefined if there is no such document. */
  read<T>(path: string): Promise<StoredDocument<T> | undefined>;
  /** Reads only the etag, not the content; undefined if there is no such document. */
  readEtag(path: string): Promise<string | undefined>;
  /** Without `etag` the document must be new. Returns the new etag. Throws `StaleDocumentError`. */
  write(path: string, value: unknown, etag: string | undefined): Promise<string>;
  /** Returns all paths that begin with `prefix`, in ascending order. */
  list(prefix: string): Promise<string[]>;
  /** No error if there is no such document. */
  remove(path: string): Promise<void>;
}

/** A text that others may write, as it is now. */
export interface ReadText {
  /** At most one byte more than was asked for. */
  text: string;
  etag: string;
}

/** Texts that are read again and again, and seldom change. */
export interface ChangingTexts {
  /**
   * The text, of which at most `maxBytes` + 1 bytes are read; `unchanged` if its etag is still `etag`; undefined if there is none.
   */
  readTextUnless(path: string, etag: string | undefined, maxBytes: number): Promise<ReadText | 'unchanged' | undefined>;
}

/** What changed since a document was read. */
export interface ListedEtags {
  /** The etags of all documents whose paths begin with `prefix`, by path. */
  listEtags(prefix: string): Promise<ReadonlyMap<string, string>>;
}

/** Texts in numbered parts. Each part is a blob of its own, so that a part is replaced by writing it again. */
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

/** Path of one part of a text: `list` has it, and `remove` removes it. Sorts by number. */
export function partPath(path: string, part: number): string {
  return `${path}/${String(part).padStart(5, '0')}.ndjson`;
}
