import { type Documents, StaleDocumentError, type StoredDocument } from './documents.ts';

/**
 * A document with one regular writer, whose newest version is in `value`. `check` and `write` run one after the other; both throw
 * the error of `onStale` if another writer has changed or removed the document.
 */
export class OwnedDocument<T extends { writeId: string }> {
  readonly value: T;
  private readonly path: string;
  private readonly documents: Documents;
  private readonly newWriteId: () => string;
  private readonly onStale: (stored: T | undefined) => Error;
  private readonly toStored: (value: T) => unknown;
  private readonly fromStored: (stored: unknown) => T;
  private etag: string;
  private turn: Promise<unknown> = Promise.resolve();

  /**
   * `onStale` gets the version of the other writer, or undefined if the document was removed, and returns the error to throw.
   * `toStored` copies a value into its stored form; `fromStored` reads a stored form.
   */
  constructor(
    path: string,
    { value, etag }: StoredDocument<unknown>,
    how: {
      documents: Documents;
      newWriteId: () => string;
      onStale: (stored: T | undefined) => Error;
      toStored: (value: T) => unknown;
      fromStored: (stored: unknown) => T;
    },
  ) {
    this.path = path;
    this.toStored = how.toStored;
    this.fromStored = how.fromStored;
    this.value = this.fromStored(value);
    this.etag = etag;
    this.documents = how.documents;
    this.newWriteId = how.newWriteId;
    this.onStale = how.onStale;
  }

  /** Throws the error of `onStale` if the stored etag is no longer that of `value`. */
  check(): Promise<void> {
    return this.inTurn(async () => {
      if ((await this.documents.readEtag(this.path)) !== this.etag) await this.throwStale();
    });
  }

  /** Runs `prepare`, then writes `value`. Throws the error of `onStale`. */
  write(prepare: () => Promise<void>): Promise<void> {
    return this.inTurn(async () => {
      await prepare();
      this.value.writeId = this.newWriteId();
      const { writeId } = this.value;
      // A copy, so that a retry writes the same value even if `value` changes meanwhile.
      const value = this.toStored(this.value);
      try {
        this.etag = await this.documents.write(this.path, value, this.etag);
      } catch (error) {
        if (!(error instanceof StaleDocumentError)) throw error;
        // If the response of a first try was lost, the retry conflicts with that try; the same `writeId` shows this.
        const { other, etag } = await this.readOther();
        if (other?.writeId !== writeId) throw this.onStale(other);
        this.etag = etag;
      }
    });
  }

  private async throwStale(): Promise<never> {
    throw this.onStale((await this.readOther()).other);
  }

  private async readOther(): Promise<{ other: T | undefined; etag: string }> {
    const stored = await this.documents.read<unknown>(this.path);
    return { other: stored && this.fromStored(stored.value), etag: stored?.etag ?? '' };
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
