import type { Documents, ListedEtags, StoredDocument } from './documents.ts';

/** Documents that are only read, as they are at one moment. */
export type DocumentView = Pick<Documents, 'read' | 'list'>;

/**
 * Caches the documents below `prefixes`, for somebody who reads all of them again and again. `asOfNow` asks for their etags, one
 * request a prefix and 5,000 documents; the view reads only those again that have changed since. What is read is frozen. All throw what
 * storage throws.
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

/** Several readers have the same value. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) frozen(member);
  }
  return value;
}
