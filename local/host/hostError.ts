/**
 * A failure on the worker's side of the contract. The library checks `isAzureFunctionsSystemError` and the name: for an
 * unknown hook the name must be `RangeError`, or `app.hook.log` reports a confusing error (hooks/registerHook.ts).
 */
export class WorkerError extends Error {
  readonly isAzureFunctionsSystemError = true;

  constructor(message: string, name = 'WorkerError') {
    super(message);
    this.name = name;
  }
}

/** The app, its settings or host.json are invalid; the message says what to change. */
export class HostConfigurationError extends Error {
  override name = 'HostConfigurationError';
}

/** A function ran longer than `functionTimeout` of host.json. In Azure the whole worker process restarts. */
export class FunctionTimeoutError extends Error {
  override name = 'FunctionTimeoutError';
}
