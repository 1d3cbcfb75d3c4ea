import type { ContainerClient } from '@azure/storage-blob';
import { blobConflict } from './blobConflict.ts';
import { parseDocument } from './damagedDocument.ts';
import {
  type ChangingTexts,
  type Documents,
  type ListedEtags,
  type PartedTexts,
  partPath,
  StaleDocumentError,
} from './documents.ts';
import { storageStatus } from './storageStatus.ts';

/** Documents and texts as block blobs of one container. The first write creates the container if it is missing. */
export function blobDocuments(container: ContainerClient): Documents & PartedTexts & ChangingTexts & ListedEtags {
  async function inContainer<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (storageStatus(error) !== 404) throw error;
      await container.createIfNotExists();
      return write();
    }
  }

  async function readBlob(path: string): Promise<{ text: string; etag: string; date: Date | undefined } | undefined> {
    try {
      const blob = container.getBlockBlobClient(path);
      // The headers of a download have the etag of exactly the bytes in its body.
      const response = await blob.download();
      const { etag = '', date } = response;
      return { text: await textOf(response.readableStreamBody), etag, date };
    } catch (error) {
      if (storageStatus(error) === 404) return undefined;
      throw error;
    }
  }

  async function listEtags(prefix: string): Promise<Map<string, string>> {
    const etags = new Map<string, string>();
    try {
      for await (const { name, properties } of container.listBlobsFlat({ prefix }))
        etags.set(name, quoted(properties.etag));
    } catch (error) {
      if (storageStatus(error) !== 404) throw error; // no container yet, so no documents
    }
    return etags;
  }

  return {
    async read<T>(path: string) {
      const blob = await readBlob(path);
      if (!blob) return undefined;
      const { text, etag, date } = blob;
      return { value: parseDocument<T>(path, text), etag, ...(date ? { readAtMs: date.getTime() } : {}) };
    },

    async readEtag(path) {
      try {
        return (await container.getBlockBlobClient(path).getProperties()).etag;
      } catch (error) {
        if (storageStatus(error) === 404) return undefined;
        throw error;
      }
    },

    async write(path, value, etag) {
      const text = JSON.stringify(value);
      try {
        const response = await inContainer(() =>
          container.getBlockBlobClient(path).upload(text, Buffer.byteLength(text), {
            conditions: etag === undefined ? { ifNoneMatch: '*' } : { ifMatch: etag },
            blobHTTPHeaders: { blobContentType: 'application/json' },
          }),
        );
        return response.etag ?? '';
      } catch (error) {
        // 404: the blob was removed after it was read.
        if (storageStatus(error) === 404 || blobConflict(error) === 'changed') throw new StaleDocumentError(path);
        throw error;
      }
    },

    async list(prefix) {
      return [...(await listEtags(prefix)).keys()];
    },

    listEtags,

    async remove(path) {
      try {
        await container.getBlockBlobClient(path).delete();
      } catch (error) {
        // Not `deleteIfExists`, which throws if the container is missing.
        if (storageStatus(error) !== 404) throw error;
      }
    },

    async writePart(path, part, text) {
      const blob = container.getBlockBlobClient(partPath(path, part));
      const blobHTTPHeaders = { blobContentType: 'application/x-ndjson' };
      await inContainer(() => blob.upload(text, Buffer.byteLength(text), { blobHTTPHeaders }));
    },

    async addPart(path, part, text) {
      const blob = container.getBlockBlobClient(partPath(path, part));
      const options = {
        blobHTTPHeaders: { blobContentType: 'application/x-ndjson' },
        conditions: { ifNoneMatch: '*' },
      };
      try {
        await inContainer(() => blob.upload(text, Buffer.byteLength(text), options));
        return true;
      } catch (error) {
        if (blobConflict(error) === 'changed') return false;
        throw error;
      }
    },

    async readPart(path, part) {
      return (await readBlob(partPath(path, part)))?.text;
    },

    async readText(path) {
      return (await readBlob(path))?.text;
    },

    async readTextUnless(path, etag, maxBytes) {
      try {
        const conditions = etag === undefined ? {} : { ifNoneMatch: etag };
        const response = await container.getBlockBlobClient(path).download(0, undefined, { conditions });
        return { text: await textOf(response.readableStreamBody, maxBytes + 1), etag: response.etag ?? '' };
      } catch (error) {
        if (storageStatus(error) === 304) return 'unchanged';
        if (storageStatus(error) === 404) return undefined;
        throw error;
      }
    },
  };
}

/** Adds the quotation marks that an etag has in a header and does not have in a list of blobs. */
function quoted(etag: string): string {
  return /^(W\/)?"/.test(etag) ? etag : `"${etag}"`;
}

/** The first `maxBytes` bytes of the stream, as UTF-8 text. */
async function textOf(stream: NodeJS.ReadableStream | undefined, maxBytes = Number.POSITIVE_INFINITY): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream ?? []) {
    chunks.push(Buffer.from(chunk));
    bytes += chunk.length;
    if (bytes >= maxBytes) break; // leaving the loop closes the stream
  }
  const all = Buffer.concat(chunks);
  return all.subarray(0, Math.min(all.length, maxBytes)).toString('utf8');
}
