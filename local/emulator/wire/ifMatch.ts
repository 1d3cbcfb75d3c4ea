/** A condition on a resource's etag. `none`: no condition was given, so a PUT of an identity creates only. */
export type IfMatch = { kind: 'none' } | { kind: 'any' } | { kind: 'etags'; etags: readonly string[] };

/** One entity tag of RFC 9110, weak or strong. */
const entityTag = /^(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/;

/**
 * Parses an If-Match header. `*` and `"*"` (sent by the Node SDK) mean any etag. As on a hub, a header whose etag has no
 * quotes is ignored, and the write succeeds (azure-iot-sdk-node issue 606, -java issue 574, -python issue 716; seen for
 * twins, assumed for identities). `If-Match: ""` is no condition either. Lists and weak etags are unproven.
 */
export function readIfMatch(header: string | undefined): IfMatch {
  const text = (header ?? '').trim();
  if (text === '*' || text === '"*"') return { kind: 'any' };
  const etags = text.split(',').map((part) => entityTag.exec(part.trim())?.[1]);
  const valid = etags.filter((etag) => etag !== undefined && etag !== '');
  return valid.length > 0 ? { kind: 'etags', etags: valid as string[] } : { kind: 'none' };
}

/** Reads an etag in a body, where it has no quotes. Null and `""` are no condition; `*` means any etag. */
export function readBodyEtag(etag: string | null): IfMatch {
  if (etag === null || etag === '') return { kind: 'none' };
  return etag === '*' ? { kind: 'any' } : { kind: 'etags', etags: [etag] };
}

/** Whether `ifMatch` allows a change of a resource with this etag. */
export const matches = (ifMatch: IfMatch, etag: string): boolean =>
  ifMatch.kind !== 'etags' || ifMatch.etags.includes(etag);
