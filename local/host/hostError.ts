/**
 * A failure of the worker's side of the contract. The library looks at `isAzureFunctionsSystemError` and the name: an
 * unknown hook must be a `RangeError`, or `app.hook.log` reports it confusingly (hooks/registerHook.ts).
 */
export class WorkerError extends Error {
  readonly isAzureFunctionsSystemError = true;

  constructor(message: string, name = 'WorkerError') {
    super(message);
    this.name = name;
  }
}

/** The app, its settings or host.json cannot be used; the message says what to change. */
export class HostConfigurationError extends Error {
  override name = 'HostConfigurationError';
}

/** A function ran longer than `functionTimeout` of host.json. In Azure the whole worker process restarts. */
export class FunctionTimeoutError extends Error {
  override name = 'FunctionTimeoutError';
}
