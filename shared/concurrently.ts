/**
 * Runs `work` on every item, on at most `concurrency` items at a time. After the first error, starts no further item, waits for
 * the items in progress, and throws that error.
 */
export async function concurrently<T>(
  items: Iterable<T>,
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const remaining = items[Symbol.iterator]();
  let failure: { error: unknown } | undefined;
  const drain = async () => {
    for (let next = remaining.next(); !next.done && !failure; next = remaining.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, drain));
  if (failure) throw failure.error;
}
