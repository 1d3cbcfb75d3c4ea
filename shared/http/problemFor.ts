import { appHost } from '../app.ts';
import { type HubError, isHubError } from '../hub/hubError.ts';
import { adviceForStorage, storageErrorFields } from '../storage/storageStatus.ts';
import { errorFields, type Log } from '../telemetry/log.ts';
import type { Problem } from './problem.ts';
import { problemOf } from './problemOf.ts';

/**
 * Returns the problem to respond with for an error, and logs the error: a refusal by a hub and an outage as a warning, a
 * refusal by storage and an unexpected error as an error. The log never contains an error message from outside our code.
 */
export function problemFor(error: unknown, log: Log): Problem {
  const { configResult } = appHost();
  const problem = problemOf(error, configResult.ok ? configResult.config.hubs : []);
  if (isHubError(error)) logRefusal(log, error, problem.status);
  else if (adviceForStorage(error) !== undefined) {
    log.error('The storage account refuses the app', storageErrorFields(error));
  } else if (problem.type === 'storage-unavailable') {
    log.warn('An HTTP request failed because storage is unavailable', errorFields(error));
  } else if (problem.status === 500) {
    log.error('An HTTP request failed', { ...storageErrorFields(error), stack: stackOf(error) });
  }
  return problem;
}

/** Logs a refusal by a hub. Not logged: a missing device (the caller's error), and `limited` (the app did not send the call). */
function logRefusal(
  log: Log,
  { hub, operation, kind, status, code, trackingId }: HubError,
  responseStatus: number,
): void {
  if (responseStatus < 500 || kind === 'limited') return;
  const fields = { hub, operation, kind, status, code, trackingId, responseStatus };
  log.warn('The hub refused a call for an HTTP request', fields);
}

/** Returns the stack of an error without its message, because the message may quote values. */
function stackOf(error: unknown): string {
  const frames = error instanceof Error ? (error.stack ?? '').split('\n') : [];
  return frames.filter((frame) => /^\s+at /.test(frame)).join('\n');
}
