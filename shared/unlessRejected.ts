/**
 * Returns a function that calls `make` once and returns the same promise to every caller. If the promise is rejected, these
 * callers get the error, and the next call runs `make` again.
 */
export function unlessRejected<T>(make: () => Promise<T>): () => Promise<T> {
  let kept: Promise<T> | undefined;
  return () => {
    if (kept) return kept;
    const made = make();
    kept = made;
    made.catch(() => {
      kept = undefined;
    });
    return made;
  };
}
