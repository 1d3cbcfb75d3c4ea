/** Decodes a segment of a path once. Leaves encoded slashes and invalid UTF-8 as they are, as ASP.NET Core's server does. */
export function decodeSegment(segment: string): string {
  return segment
    .split(/(%2f)/i)
    .map((piece) => {
      if (/^%2f$/i.test(piece)) return piece;
      try {
        return decodeURIComponent(piece);
      } catch (error) {
        if (error instanceof URIError) return piece;
        throw error;
      }
    })
    .join('');
}
