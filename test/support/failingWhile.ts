/** An outage of storage, with a message of Node, as the stores throw it. */
export class StorageOutageError extends Error {
  readonly code = 'ECONNREFUSED';

  constructor() {
    super('connect ECONNREFUSED');
    this.name = 'StorageOutageError';
  }
}

/** A refusal of the app by storage, with a message that must not be shown. */
export class StorageRefusalError extends Error {
  readonly statusCode = 403;
  readonly code = 'AuthorizationPermissionMismatch';

  constructor() {
    super('AccountKey=c2VjcmV0');
    this.name = 'RestError';
  }
}

/**
 * Returns a store whose calls fail while `isDown` returns true, also the calls of leases and delayed wake-ups that it returned. `before` runs
 * before each failure, which is what `failure` returns.
 */
export function failingWhile<Store extends object>(
  isDown: () => boolean,
  store: Store,
  before: () => Promise<void> = async () => {},
  failure: () => Error = () => new StorageOutageError(),
): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        if (isDown()) {
          await before();
          throw failure();
        }
        const result: unknown = await value.apply(target, args);
        return isHandle(result) ? failingWhile(isDown, result, before, failure) : result;
      };
    },
  });
}

function isHandle(result: unknown): result is object {
  return typeof result === 'object' && result !== null && ('renew' in result || 'move' in result);
}
