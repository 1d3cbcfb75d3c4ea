/** The container could not be used; `message` says why and never repeats its address, which may carry a SAS. */
export class BlobContainerError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BlobContainerError';
  }
}

/** The container of blobs that a job reads or writes. Every method rejects with a BlobContainerError, and so does what `read` gives. */
export interface BlobContainer {
  /** Rejects unless the container is there and grants `permissions`, as letters of a SAS (`r`, `w`, `d`). */
  require(permissions: string, blobName: string): Promise<void>;
  read(blobName: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Replaces the blob by the texts one after the other, in UTF-8, and holds only a part of them at a time. */
  write(blobName: string, texts: AsyncIterable<string> | Iterable<string>, signal: AbortSignal): Promise<void>;
}

/** Opens the container that a URI names. Rejects with a BlobContainerError when it names none. */
export type OpenBlobContainer = (uri: string) => Promise<BlobContainer>;
