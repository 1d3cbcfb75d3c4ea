import { type Documents, StaleDocumentError, type StoredDocument } from './documents.ts';

/**
 * One document in the hands of its only regular writer. Reads of its etag and writes go one after the other, each write
 * on top of the last. Whoever else writes it meanwhile is noticed, and named by `onStale`.
 */
export class OwnedDocument<T extends { writeId: string }> {
  readonly value: T;
  private readonly path: string;
  private readonly documents: Documents;
  private readonly newWriteId: () => string;
  private readonly onStale: (stored: T | undefined) => Error;
  private etag: string;
  private turn: Promise<unknown> = Promise.resolve();

  /** `onStale` makes the error for a document that somebody else wrote, or that is gone. */
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

  /** Throws what `onStale` makes if somebody else has written the document. */
  check(): Promise<void> {
    return this.inTurn(async () => {
      if ((await this.documents.readEtag(this.path)) !== this.etag) await this.throwStale();
    });
  }

  /** Runs `prepare`, then writes the value as it is at that moment. Throws as `check`. */
  write(prepare: () => Promise<void>): Promise<void> {
    return this.inTurn(async () => {
      await prepare();
      this.value.writeId = this.newWriteId();
      const { writeId } = this.value;
      // As it is at this moment, also where the write has to be tried again.
      const value = structuredClone(this.value);
      try {
        this.etag = await this.documents.write(this.path, value, this.etag);
      } catch (error) {
        if (!(error instanceof StaleDocumentError)) throw error;
        // A storage client that lost the answer tries again, and meets its own first try.
        const stored = await this.documents.read<T>(this.path);
        if (stored?.value.writeId !== writeId) throw this.onStale(stored?.value);
        this.etag = stored.etag;
      }
    });
  }

  private async throwStale(): Promise<never> {
    throw this.onStale((await this.documents.read<T>(this.path))?.value);
  }

  /** Each waits for the one before; its error goes to who asked for it, and to nobody else. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.turn.then(work);
    this.turn = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }
}
