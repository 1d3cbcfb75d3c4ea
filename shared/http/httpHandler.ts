import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { appHost } from '../app.ts';
import { type HubError, isHubError } from '../hub/hubError.ts';
import { contextLog, errorFields, type Log } from '../telemetry/log.ts';
import { problemOf } from './problemOf.ts';

type HttpHandler = (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>;

/**
 * Makes an Azure Functions handler that answers what `work` answers, and every error as problem details. What a hub
 * refused is logged as a warning, and what nobody expected as an error; neither with a text from outside our own code.
 */
export function answer(work: (request: HttpRequest, log: Log) => Promise<HttpResponseInit>): HttpHandler {
  return async (request, context) => {
    const log = contextLog(context, appHost().telemetry);
    try {
      return await work(request, log);
    } catch (error) {
      const { configResult } = appHost();
      const problem = problemOf(error, configResult.ok ? configResult.config.hubs : []);
      if (isHubError(error)) logRefusal(log, error, problem.status);
      else if (problem.status === 500) {
        log.error('An HTTP call failed', { ...errorFields(error), stack: stackOf(error) });
      }
      return problem.toResponse();
    }
  };
}

/** A device that is not there is the caller's matter, and holding ourselves back is no refusal of the hub. */
function logRefusal(log: Log, { hub, operation, kind, status, code, trackingId }: HubError, answered: number): void {
  if (answered < 500 || kind === 'limited') return;
  log.warn('The hub refused an HTTP caller', { hub, operation, kind, status, code, trackingId, answered });
}

/** Where it happened, without the message, which may quote what it stumbled over. */
function stackOf(error: unknown): string {
  const frames = error instanceof Error ? (error.stack ?? '').split('\n') : [];
  return frames.filter((frame) => /^\s+at /.test(frame)).join('\n');
}
