/** What a request's If-Match header asks for. `If-Match: ""` means the same as none: create only. */
export type IfMatch = { kind: 'none' } | { kind: 'any' } | { kind: 'etag'; etag: string };

/** Quotes are optional, also around the star: the Node SDK sends `"*"`. */
export function readIfMatch(header: string | undefined): IfMatch {
  const bare = (header ?? '').trim().replace(/^"(.*)"$/, '$1');
  if (bare === '') return { kind: 'none' };
  return bare === '*' ? { kind: 'any' } : { kind: 'etag', etag: bare };
}

/** Whether a change may go ahead on something whose etag is `etag`. */
export const matches = (ifMatch: IfMatch, etag: string): boolean => ifMatch.kind !== 'etag' || ifMatch.etag === etag;
