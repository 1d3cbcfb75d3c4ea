import { argumentInvalid } from '../wire/refusals.ts';

export interface RequestTarget {
  /** Decoded, as signatures cover it. */
  path: string;
  segments: readonly string[];
  search: URLSearchParams;
}

/**
 * Takes a request target apart. Each segment is decoded by itself, and `..` is not resolved: an id may hold `%2F`-like
 * text or dots. Throws a 400 on bad percent-encoding.
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
