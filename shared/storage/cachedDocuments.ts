import type { Documents, ListedEtags, StoredDocument } from './documents.ts';

/** Read access to documents. */
export type DocumentView = Pick<Documents, 'read' | 'list'>;

/**
 * Caches the documents below `prefixes`, for a caller that reads all of them repeatedly. `asOfNow` lists their etags, with one
 * request for each 5,000 documents of a prefix; the view then reads only the documents whose etags have changed. The values of
 * cached documents are frozen. Throws the errors of storage.
 */
export function cachedDocuments(
  documents: Documents & ListedEtags,
  prefixes: readonly string[],
): { asOfNow(): Promise<DocumentView> } {
  const known = new Map<string, StoredDocument<unknown>>();
  return {
    async asOfNow() {
      const lists = await Promise.all(prefixes.map((prefix) => documents.listEtags(prefix)));
      const etags = new Map(lists.flatMap((list) => [...list]));
      for (const path of known.keys()) if (!etags.has(path)) known.delete(path);
      return {
        async read<T>(path: string) {
          const cached = known.get(path);
          if (cached && cached.etag === etags.get(path)) return cached as StoredDocument<T>;
          const stored = await documents.read<T>(path);
          if (stored && prefixes.some((prefix) => path.startsWith(prefix))) known.set(path, frozen(stored));
          return stored;
        },
        list: (prefix) => documents.list(prefix),
      };
    },
  };
}

/** Freezes the value with all its members, because several readers share it. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) frozen(member);
  }
  return value;
}
