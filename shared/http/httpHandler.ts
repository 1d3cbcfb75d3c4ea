import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { appHost } from '../app.ts';
import { type HubError, isHubError } from '../hub/hubError.ts';
import { adviceForStorage, storageErrorFields } from '../storage/storageStatus.ts';
import { contextLog, errorFields, type Log } from '../telemetry/log.ts';
import { problemOf } from './problemOf.ts';
import { checkRequest, type RequestRules } from './requestRules.ts';

type HttpHandler = (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>;

/**
 * Returns an Azure Functions handler that sends the response of `respond`, or problem details for an error. A request with
 * anything that `rules` do not name is refused first. A refusal by a hub and an outage are logged as a warning, a refusal by
 * storage and an unexpected error as an error; never with an error message from outside our code.
 */
export function httpHandler(
  respond: (request: HttpRequest, log: Log) => Promise<HttpResponseInit>,
  rules: RequestRules = {},
): HttpHandler {
  return async (request, context) => {
    const log = contextLog(context, appHost().telemetry);
    try {
      await checkRequest(request, rules);
      return await respond(request, log);
    } catch (error) {
      const { configResult } = appHost();
      const problem = problemOf(error, configResult.ok ? configResult.config.hubs : []);
      if (isHubError(error)) logRefusal(log, error, problem.status);
      else if (adviceForStorage(error) !== undefined) {
        log.error('The storage account refuses the app', storageErrorFields(error));
      } else if (problem.type === 'storage-unavailable') {
        log.warn('An HTTP request failed because storage is unavailable', errorFields(error));
      } else if (problem.status === 500) {
        log.error('An HTTP request failed', { ...errorFields(error), stack: stackOf(error) });
      }
      return problem.toResponse();
    }
  };
}

/** Not logged: a missing device, which is an error of the caller, and `limited`, which is no refusal by the hub. */
function logRefusal(
  log: Log,
  { hub, operation, kind, status, code, trackingId }: HubError,
  responseStatus: number,
): void {
  if (responseStatus < 500 || kind === 'limited') return;
  log.warn('The hub refused a call for an HTTP request', {
    hub,
    operation,
    kind,
    status,
    code,
    trackingId,
    responseStatus,
  });
}

/** Returns the stack without the message, which may quote values. */
function stackOf(error: unknown): string {
  const frames = error instanceof Error ? (error.stack ?? '').split('\n') : [];
  return frames.filter((frame) => /^\s+at /.test(frame)).join('\n');
}
