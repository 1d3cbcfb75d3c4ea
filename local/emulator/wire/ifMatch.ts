/** A parsed If-Match header. `If-Match: ""` means the same as no header: create only. */
export type IfMatch = { kind: 'none' } | { kind: 'any' } | { kind: 'etag'; etag: string };

/** Parses an If-Match header. Quotes are optional, also around `*`: the Node SDK sends `"*"`. */
export function readIfMatch(header: string | undefined): IfMatch {
  const bare = (header ?? '').trim().replace(/^"(.*)"$/, '$1');
  if (bare === '') return { kind: 'none' };
  return bare === '*' ? { kind: 'any' } : { kind: 'etag', etag: bare };
}

/** Whether `ifMatch` allows a change of a resource with this etag. */
export const matches = (ifMatch: IfMatch, etag: string): boolean => ifMatch.kind !== 'etag' || ifMatch.etag === etag;
