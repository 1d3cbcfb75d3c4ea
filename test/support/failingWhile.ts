/** Storage that cannot be reached; the message is one of Node's own, since stores pass such errors on. */
export class StorageDownError extends Error {
  readonly code = 'ECONNREFUSED';

  constructor() {
    super('connect ECONNREFUSED');
    this.name = 'StorageDownError';
  }
}

/**
 * A store all of whose calls fail while `isDown` answers true, those of the leases that it gave out too; `before` comes before
 * each failure.
 */
export function failingWhile<Store extends object>(
  isDown: () => boolean,
  store: Store,
  before: () => Promise<void> = async () => {},
): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        if (isDown()) {
          await before();
          throw new StorageDownError();
        }
        const answer: unknown = await value.apply(target, args);
        return isLease(answer) ? failingWhile(isDown, answer, before) : answer;
      };
    },
  });
}

function isLease(answer: unknown): answer is object {
  return typeof answer === 'object' && answer !== null && 'renew' in answer;
}
