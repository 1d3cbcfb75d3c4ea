import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import type { RetryContext } from './coreTypes.ts';
import { HostConfigurationError } from './hostError.ts';

/** How often, and how long after a failure, the host runs a function again. */
export interface RetryPolicy {
  /** -1: without end. */
  maxRetryCount: number;
  delayMs: number;
}

/** The options as `@azure/functions` passes them on. */
const fixedDelay = z.object({
  strategy: z.literal('fixedDelay'),
  maxRetryCount: z.number().int().min(-1),
  delayInterval: z.object({ seconds: z.number().min(0) }),
});

/** Reads `retryOptions` of a function; undefined if it has none. Throws `HostConfigurationError` for `exponentialBackoff`. */
export function readRetryPolicy(retryOptions: unknown): RetryPolicy | undefined {
  if (retryOptions === undefined || retryOptions === null) return undefined;
  const { success, data } = fixedDelay.safeParse(retryOptions);
  if (!success)
    throw new HostConfigurationError('Of the retry policies only a complete "fixedDelay" is supported here.');
  return { maxRetryCount: data.maxRetryCount, delayMs: data.delayInterval.seconds * 1000 };
}

/**
 * Calls `run` until it succeeds or the policy's retries are used up; resolves or rejects with the result of the last call. Each
 * retry gets a `RetryContext` and the first call none, as from `SetRetryContext` of azure-functions-host. The count is kept in
 * memory only (https://learn.microsoft.com/azure/azure-functions/functions-bindings-error-pages#retry-policies). Rejects with the
 * reason of `signal` if `signal` is aborted before a retry.
 */
export async function runWithRetries<T>(
  policy: RetryPolicy | undefined,
  { clock, signal, onWait }: { clock: Clock; signal: AbortSignal; onWait: (retryCount: number) => void },
  run: (retryContext: RetryContext | undefined) => Promise<T>,
): Promise<T> {
  const { maxRetryCount, delayMs } = policy ?? { maxRetryCount: 0, delayMs: 0 };
  let retryContext: RetryContext | undefined;
  for (let retryCount = 1; ; retryCount++) {
    try {
      return await run(retryContext);
    } catch (error) {
      if (maxRetryCount !== -1 && retryCount > maxRetryCount) throw error;
      retryContext = { retryCount, maxRetryCount, exception: exceptionOf(error) };
    }
    onWait(retryCount);
    await clock.sleep(delayMs, signal);
  }
}

function exceptionOf(error: unknown): NonNullable<RetryContext['exception']> {
  return error instanceof Error
    ? { message: error.message, stackTrace: error.stack ?? '' }
    : { message: String(error) };
}
