import type { Clock } from '../../shared/clock.ts';

/** Returns a store each of whose calls takes `latencyMs` longer, also the calls of the leases and wake-ups that it returns. */
export function slowStore<Store extends object>(store: Store, clock: Clock, latencyMs: number): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        await clock.sleep(latencyMs);
        const result: unknown = await value.apply(target, args);
        const isHandle = typeof result === 'object' && result !== null && ('renew' in result || 'move' in result);
        return isHandle ? slowStore(result, clock, latencyMs) : result;
      };
    },
  });
}
