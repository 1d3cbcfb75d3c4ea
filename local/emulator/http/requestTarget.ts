import { argumentInvalid } from '../wire/refusals.ts';

/** Path and query of a request. */
export interface RequestTarget {
  /** Decoded, as SAS signatures cover it. */
  path: string;
  segments: readonly string[];
  search: URLSearchParams;
}

/**
 * Splits a request target. Each segment is decoded on its own and `..` is not resolved, since ids may contain dots and
 * text such as `%2F`. Throws a 400 refusal on bad percent-encoding.
 */
export function readRequestTarget(url: string): RequestTarget {
  const queryAt = url.indexOf('?');
  const path = queryAt < 0 ? url : url.slice(0, queryAt);
  const segments = path.replace(/^\//, '').replace(/\/$/, '').split('/').map(decodeSegment);
  return {
    path: `/${segments.join('/')}`,
    segments,
    search: new URLSearchParams(queryAt < 0 ? '' : url.slice(queryAt + 1)),
  };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    if (error instanceof URIError) throw argumentInvalid('The path is not percent-encoded properly');
    throw error;
  }
}
