/** The container could not be used; `message` says why and never contains its address, which may include a SAS. */
export class BlobContainerError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BlobContainerError';
  }
}

/** The blob container of a job. Every method, and the iterable of `read`, rejects with a `BlobContainerError`. */
export interface BlobContainer {
  /** Rejects unless the container exists and grants `permissions` (letters of a SAS: `r`, `w`, `d`). */
  require(permissions: string, blobName: string): Promise<void>;
  /** The content of a blob, in pieces. */
  read(blobName: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Replaces the blob by the concatenated texts in UTF-8; streams them, so that they need not fit in memory. */
  write(blobName: string, texts: AsyncIterable<string> | Iterable<string>, signal: AbortSignal): Promise<void>;
}

/** Opens the container of a URI. Rejects with a `BlobContainerError` if the URI is not that of a container. */
export type OpenBlobContainer = (uri: string) => Promise<BlobContainer>;
