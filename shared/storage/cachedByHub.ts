import type { Clock } from '../clock.ts';

/**
 * Caches the result of `read` for each hub for `freshMs`. Callers that wait for the same read share it. A rejection is not
 * cached.
 */
export function cachedByHub<T>(
  read: (hub: string) => Promise<T>,
  clock: Clock,
  freshMs: number,
): (hub: string) => Promise<T> {
  const cache = new Map<string, { readAtMs: number; result: Promise<T> }>();
  return (hub) => {
    const known = cache.get(hub);
    if (known && clock.elapsedMs() - known.readAtMs < freshMs) return known.result;
    const result = read(hub);
    const entry = { readAtMs: clock.elapsedMs(), result };
    cache.set(hub, entry);
    result.catch(() => {
      if (cache.get(hub) === entry) cache.delete(hub);
    });
    return result;
  };
}
