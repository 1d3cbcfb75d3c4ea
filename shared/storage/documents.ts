export interface StoredDocument<T> {
  value: T;
  /** The version of the document; a write with this etag succeeds only while it is the newest version. */
  etag: string;
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

/** Texts in numbered parts. Writing a part removes all later parts, so a part that is written twice is not duplicated. */
export interface PartedTexts {
  /** `part` counts from 1, and is at most one more than the number of existing parts. */
  writePart(path: string, part: number, text: string): Promise<void>;
  /** Returns all parts together; undefined if no part was ever written. */
  readText(path: string): Promise<string | undefined>;
}
