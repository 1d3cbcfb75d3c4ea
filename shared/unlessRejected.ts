/**
 * Returns a function that returns the promise of `make`, the same for all callers. If that promise is rejected, its callers get
 * the error, and the next call calls `make` again.
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
