import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { appHost } from '../app.ts';
import { contextLog, type Log } from '../telemetry/log.ts';
import { problemFor } from './problemFor.ts';
import { checkRequest, type RequestRules } from './requestRules.ts';

type HttpHandler = (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>;

/**
 * Returns an Azure Functions handler that sends the response of `respond`, or the problem details of the error that it throws
 * (`problemFor`, which logs it). A request with a query parameter or body that `rules` do not name is refused before.
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
      return problemFor(error, log).toResponse();
    }
  };
}
