import { type Documents, StaleDocumentError, type StoredDocument } from './documents.ts';

/**
 * A document with one regular writer, which holds the newest version in `value`. Etag checks and writes run one after the
 * other. They throw the error of `onStale` if another writer has changed or removed the document.
 */
export class OwnedDocument<T extends { writeId: string }> {
  readonly value: T;
  private readonly path: string;
  private readonly documents: Documents;
  private readonly newWriteId: () => string;
  private readonly onStale: (stored: T | undefined) => Error;
  private etag: string;
  private turn: Promise<unknown> = Promise.resolve();

  /** `onStale` gets the version of the other writer, or undefined if the document was removed, and returns the error. */
  constructor(
    path: string,
    { value, etag }: StoredDocument<T>,
    how: { documents: Documents; newWriteId: () => string; onStale: (stored: T | undefined) => Error },
  ) {
    this.path = path;
    this.value = value;
    this.etag = etag;
    this.documents = how.documents;
    this.newWriteId = how.newWriteId;
    this.onStale = how.onStale;
  }

  /** Compares the stored etag with ours. Throws the error of `onStale`. */
  check(): Promise<void> {
    return this.inTurn(async () => {
      if ((await this.documents.readEtag(this.path)) !== this.etag) await this.throwStale();
    });
  }

  /** Runs `prepare`, then writes `value` as it is then. Throws the error of `onStale`. */
  write(prepare: () => Promise<void>): Promise<void> {
    return this.inTurn(async () => {
      await prepare();
      this.value.writeId = this.newWriteId();
      const { writeId } = this.value;
      // A copy, so that a retry writes the same value even if `value` changes meanwhile.
      const value = structuredClone(this.value);
      try {
        this.etag = await this.documents.write(this.path, value, this.etag);
      } catch (error) {
        if (!(error instanceof StaleDocumentError)) throw error;
        // A client that lost the response retries, and its second try conflicts with its own first one: compare `writeId`.
        const stored = await this.documents.read<T>(this.path);
        if (stored?.value.writeId !== writeId) throw this.onStale(stored?.value);
        this.etag = stored.etag;
      }
    });
  }

  private async throwStale(): Promise<never> {
    throw this.onStale((await this.documents.read<T>(this.path))?.value);
  }

  /** Runs `action` after all earlier ones have ended; an error of one action rejects only its own promise. */
  private inTurn(action: () => Promise<void>): Promise<void> {
    const done = this.turn.then(action);
    this.turn = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }
}
