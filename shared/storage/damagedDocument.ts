import { parsedJson } from '../parsedJson.ts';

/** A stored document is not JSON: somebody has edited it, or the storage has damaged it. The message quotes none of its content. */
export class DamagedDocumentError extends Error {
  readonly path: string;

  constructor(path: string) {
    super(
      `The stored document ${path} is not JSON: it was damaged. Restore it from a backup of the storage account, or remove it; the app then begins a new one.`,
    );
    this.name = 'DamagedDocumentError';
    this.path = path;
  }
}

/** Returns the value of a stored document. Throws `DamagedDocumentError`. */
export function parseDocument<T>(path: string, text: string): T {
  const value = parsedJson(text);
  if (value === undefined) throw new DamagedDocumentError(path);
  return value as T;
}

/** Returns undefined in place of a damaged document, for a caller that can do without it. Rejects with any other error. */
export async function unlessDamaged<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof DamagedDocumentError)) throw error;
    return undefined;
  }
}
