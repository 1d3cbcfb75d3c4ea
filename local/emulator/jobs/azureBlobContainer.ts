import { Readable } from 'node:stream';
import { types } from 'node:util';
import type { ContainerClient } from '@azure/storage-blob';
import { type BlobContainer, BlobContainerError } from './blobContainer.ts';

const bufferBytes = 4 * 1024 * 1024;
const parallelBuffers = 2;
/** Tries of a storage request. The client's default retries for minutes, and a failing job should fail soon. */
const maxTries = 2;

/** Opens a container of Azure Storage or Azurite by its address with a SAS. Loads the storage client on first use. */
export async function openAzureBlobContainer(uri: string): Promise<BlobContainer> {
  const { ContainerClient } = await import('@azure/storage-blob');
  // The path must name a container, or the storage client throws.
  if (!URL.canParse(uri) || !/^https?:\/\/[^/]+\/[^/?]+/.test(uri)) {
    throw new BlobContainerError('The address of the blob container is not an address of a container');
  }
  return new AzureBlobContainer(new ContainerClient(uri, undefined, { retryOptions: { maxTries } }), new URL(uri));
}

class AzureBlobContainer implements BlobContainer {
  private readonly container: ContainerClient;
  /** `sp` of the SAS; undefined if the address has none (a stored access policy, or no SAS). */
  private readonly granted: string | undefined;

  constructor(container: ContainerClient, address: URL) {
    this.container = container;
    this.granted = address.searchParams.get('sp') ?? undefined;
  }

  async require(permissions: string, blobName: string): Promise<void> {
    const missing = [...permissions].filter((letter) => this.granted !== undefined && !this.granted.includes(letter));
    if (missing.length > 0) throw new BlobContainerError(`The SAS lacks the permissions ${missing.join(', ')}`);
    try {
      await translateErrors(this.container.getBlobClient(blobName).getProperties());
    } catch (error) {
      if (!(error instanceof BlobContainerError && error.message.includes('BlobNotFound'))) throw error;
    }
  }

  async read(blobName: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const blob = this.container.getBlobClient(blobName);
    const { readableStreamBody } = await translateErrors(blob.download(0, undefined, { abortSignal: signal }));
    return translateStreamErrors(Readable.from(readableStreamBody ?? []));
  }

  async write(blobName: string, texts: AsyncIterable<string> | Iterable<string>, signal: AbortSignal): Promise<void> {
    const blob = this.container.getBlockBlobClient(blobName);
    await translateErrors(blob.deleteIfExists({ abortSignal: signal })); // live hubs do this; so the SAS needs `d`
    const source = Readable.from(asBytes(texts));
    await translateErrors(blob.uploadStream(source, bufferBytes, parallelBuffers, { abortSignal: signal }));
  }
}

async function* asBytes(texts: AsyncIterable<string> | Iterable<string>): AsyncGenerator<Buffer> {
  for await (const text of texts) yield Buffer.from(text);
}

async function translateErrors<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    throw translated(error);
  }
}

async function* translateStreamErrors(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces;
  } catch (error) {
    throw translated(error);
  }
}

const storageErrors = ['RestError', 'AbortError'];

/**
 * Storage errors contain the request with its SAS, so only status and code are passed on. Other errors stay as they
 * are.
 */
function translated(error: unknown): unknown {
  if (!types.isNativeError(error) || !storageErrors.includes(error.name)) return error;
  const { statusCode, code, details } = error as { statusCode?: unknown; code?: unknown; details?: unknown };
  // A response to HEAD has no body, so its error code is only in a header.
  const headerCode = typeof details === 'object' && details !== null && 'errorCode' in details && details.errorCode;
  const parts = [statusCode, code ?? (headerCode || error.name)].filter((part) => part !== undefined);
  return new BlobContainerError(`Blob storage refused: ${parts.join(' ')}`);
}
