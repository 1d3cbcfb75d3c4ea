import type { KeyCheck } from './hostKeys.ts';
import { describeError, type WriteLog } from './hostLog.ts';
import { type HttpCall, type HttpResponse, textResponse } from './httpResponse.ts';

export interface RouterOptions {
  /** Whether the app loaded. If it did not, only `/` and `/admin` work. */
  isRunning: boolean;
  admin: (call: HttpCall) => Promise<HttpResponse>;
  eventGridWebhook: (call: HttpCall) => Promise<HttpResponse>;
  /** Undefined if no function has an MCP trigger: the host then does not load the MCP extension. */
  mcpWebhook?: ((call: HttpCall) => Promise<HttpResponse>) | undefined;
  /** Resolves with `undefined` if no function has the route. */
  httpTriggers: (call: HttpCall) => Promise<HttpResponse | undefined>;
  keyCheck: KeyCheck;
  /** `AzureWebJobsDisableHomepage`. */
  isHomepageDisabled: boolean;
  writeLog: WriteLog;
}

/**
 * Passes a request to the part of the host that serves its path. If the app did not load, functions and webhooks return
 * 503 "Function host is not running." (Azure/azure-functions-host, HostAvailabilityCheckMiddleware).
 */
export function router(options: RouterOptions): (call: HttpCall) => Promise<HttpResponse> {
  async function route(call: HttpCall): Promise<HttpResponse> {
    const path = call.url.pathname.toLowerCase();
    if (path === '/') {
      return options.isHomepageDisabled
        ? { status: 204 }
        : textResponse(200, 'Your Functions app is up and running (local stand-in for the Azure Functions host).');
    }
    if (path.startsWith('/admin/')) {
      // The only path of `/admin` that needs no key (Azure/azure-functions-host, HostController.cs).
      const isOpen = path === '/admin/host/ping';
      return (isOpen ? undefined : options.keyCheck.admin(call)) ?? options.admin(call);
    }
    if (!options.isRunning) return textResponse(503, 'Function host is not running.');
    if (/^\/runtime\/webhooks\/eventgrid(\/|$)/.test(path)) {
      return options.keyCheck.eventGrid(call) ?? options.eventGridWebhook(call);
    }
    if (options.mcpWebhook && /^\/runtime\/webhooks\/mcp\/?$/.test(path)) {
      return options.keyCheck.mcp(call) ?? options.mcpWebhook(call);
    }
    return (await options.httpTriggers(call)) ?? { status: 404 };
  }

  return async (call) => {
    try {
      return await route(call);
    } catch (error) {
      options.writeLog('error', 'host', `${call.method} ${call.url.pathname} failed with 500: ${describeError(error)}`);
      return { status: 500 };
    }
  };
}
