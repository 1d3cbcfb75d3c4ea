import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { contextLog, errorFields, type Log } from '../telemetry/log.ts';
import { problemOf } from './problemOf.ts';

type HttpHandler = (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>;

/** Makes an Azure Functions handler that answers what `work` answers, and every error as problem details. */
export function answer(work: (request: HttpRequest, log: Log) => Promise<HttpResponseInit>): HttpHandler {
  return async (request, context) => {
    const log = contextLog(context);
    try {
      return await work(request, log);
    } catch (error) {
      const problem = problemOf(error);
      if (problem.status === 500) log.error('An HTTP call failed', { ...errorFields(error), stack: stackOf(error) });
      return problem.toResponse();
    }
  };
}

/** Where it happened, without the message, which may quote what it stumbled over. */
function stackOf(error: unknown): string {
  const frames = error instanceof Error ? (error.stack ?? '').split('\n') : [];
  return frames.filter((frame) => /^\s+at /.test(frame)).join('\n');
}
