export interface StoredDocument<T> {
  value: T;
  /** Names this very version; a write that gives it succeeds only while it is the newest. */
  etag: string;
}

/** Somebody else wrote the document in the meantime; read it again before deciding anything. */
export class StaleDocumentError extends Error {
  constructor(path: string) {
    super(`The document ${path} was changed by somebody else.`);
    this.name = 'StaleDocumentError';
  }
}

/** JSON documents with optimistic locking. */
export interface Documents {
  read<T>(path: string): Promise<StoredDocument<T> | undefined>;
  /** Without reading it whole; undefined if there is none. */
  readEtag(path: string): Promise<string | undefined>;
  /** `etag` undefined: the document must be new. Answers the new etag; throws `StaleDocumentError`. */
  write(path: string, value: unknown, etag: string | undefined): Promise<string>;
  /** All paths that begin with `prefix`, in ascending order. */
  list(prefix: string): Promise<string[]>;
  /** No error if there is none. */
  remove(path: string): Promise<void>;
}

/** Text that grows in numbered parts; writing a part drops all parts behind it, so a repeated part never doubles. */
export interface PartedTexts {
  /** `part` counts from 1 and is at most one more than the parts that are there. */
  writePart(path: string, part: number, text: string): Promise<void>;
  /** Undefined if no part was ever written. */
  readText(path: string): Promise<string | undefined>;
}
