import type { ContainerClient } from '@azure/storage-blob';
import { type Documents, type PartedTexts, StaleDocumentError } from './documents.ts';
import { storageStatus } from './storageStatus.ts';

/** Documents and parted texts as block blobs of one container, which is made when the first write finds it missing. */
export function blobDocuments(container: ContainerClient): Documents & PartedTexts {
  async function inContainer<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (storageStatus(error) !== 404) throw error;
      await container.createIfNotExists();
      return write();
    }
  }

  async function readBlob(path: string): Promise<{ text: string; etag: string } | undefined> {
    try {
      const blob = container.getBlockBlobClient(path);
      // The answer of a download carries the etag of exactly the bytes that follow.
      const answer = await blob.download();
      return { text: await textOf(answer.readableStreamBody), etag: answer.etag ?? '' };
    } catch (error) {
      if (storageStatus(error) === 404) return undefined;
      throw error;
    }
  }

  return {
    async read<T>(path: string) {
      const blob = await readBlob(path);
      return blob && { value: JSON.parse(blob.text) as T, etag: blob.etag };
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
        const answer = await inContainer(() =>
          container.getBlockBlobClient(path).upload(text, Buffer.byteLength(text), {
            conditions: etag === undefined ? { ifNoneMatch: '*' } : { ifMatch: etag },
            blobHTTPHeaders: { blobContentType: 'application/json' },
          }),
        );
        return answer.etag ?? '';
      } catch (error) {
        // 409 BlobAlreadyExists is the answer to `ifNoneMatch: *`; 404 means that what we had read is deleted.
        if ([404, 409, 412].includes(storageStatus(error) ?? 0)) throw new StaleDocumentError(path);
        throw error;
      }
    },

    async list(prefix) {
      const paths: string[] = [];
      try {
        for await (const blob of container.listBlobsFlat({ prefix })) paths.push(blob.name);
      } catch (error) {
        if (storageStatus(error) !== 404) throw error; // no container yet, so no documents
      }
      return paths;
    },

    async remove(path) {
      try {
        await container.getBlockBlobClient(path).delete();
      } catch (error) {
        if (storageStatus(error) !== 404) throw error; // `deleteIfExists` forgives a missing blob, but no container
      }
    },

    async writePart(path, part, text) {
      const blob = container.getBlockBlobClient(path);
      await inContainer(() => blob.stageBlock(blockId(part), text, Buffer.byteLength(text)));
      await blob.commitBlockList(Array.from({ length: part }, (_, index) => blockId(index + 1)));
    },

    async readText(path) {
      return (await readBlob(path))?.text;
    },
  };
}

/** Block ids of one blob must all be of one length. */
function blockId(part: number): string {
  return Buffer.from(String(part).padStart(8, '0')).toString('base64');
}

async function textOf(stream: NodeJS.ReadableStream | undefined): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
