/**
 * Runs `work` on every item, with at most `concurrency` at a time. After the first error it starts no further item, waits for
 * those in progress, and throws that error.
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
