import { z } from 'zod';
import type { RpcCookie, RpcTypedData } from './coreTypes.ts';
import type { KeyCheck } from './hostKeys.ts';
import type { HttpCall, HttpResponse } from './httpResponse.ts';
import { type Invoke, triggerBindingName } from './invoker.ts';
import { compareTemplates, parseRouteTemplate, type RouteTemplate } from './routeTemplate.ts';
import type { RegisteredFunction } from './workerApp.ts';

/** A function with an HTTP trigger. */
export interface HttpFunction {
  registered: RegisteredFunction;
  methods: readonly string[];
  authLevel: string;
  /** With the route prefix, without slashes at its ends. */
  route: string;
  template: RouteTemplate;
}

const sameSiteNames = { lax: 'Lax', strict: 'Strict', explicitNone: 'None' } as const;

const binding = z.object({
  methods: z.array(z.string()).default(['GET', 'POST']),
  route: z.string().optional(),
  authLevel: z.string().default('function'),
});

/** Reads the HTTP trigger of a function. Throws `HostConfigurationError` for an unsupported route. */
export function toHttpFunction(registered: RegisteredFunction, routePrefix: string): HttpFunction {
  const { methods, route, authLevel } = binding.parse(registered.metadata.bindings[triggerBindingName(registered)]);
  const path = `${routePrefix}/${route ?? registered.metadata.name}`.replace(/^\/+|\/+$/g, '');
  return {
    registered,
    authLevel: authLevel.toLowerCase(),
    methods: methods.map((method) => method.toUpperCase()),
    route: path,
    template: parseRouteTemplate(path),
  };
}

/**
 * Runs the function whose route matches a request best, if its key allows it; `undefined` if none has that route and
 * method, with or without a key.
 */
export function httpTriggers(functions: readonly HttpFunction[], invoke: Invoke, keyCheck: KeyCheck) {
  const inOrder = functions.toSorted((one, other) => compareTemplates(one.template, other.template));

  return async (call: HttpCall): Promise<HttpResponse | undefined> => {
    // In ASP.NET Core a route with other methods does not match, so the response is 404, never 405.
    for (const { registered, methods, template, authLevel } of inOrder) {
      const params = methods.includes(call.method) ? template.match(call.url.pathname) : undefined;
      if (!params) continue;
      const refusal = keyCheck.function(call, registered.metadata.name, authLevel);
      if (refusal) return refusal;
      const { returnValue } = await invoke(registered, { data: await toRpcHttp(call, params) });
      return fromRpcHttp(returnValue);
    }
    return undefined;
  };
}

async function toRpcHttp(call: HttpCall, params: Record<string, string>): Promise<RpcTypedData> {
  const query: Record<string, string> = {};
  for (const [name, value] of call.url.searchParams) query[name] = name in query ? `${query[name]},${value}` : value;
  const body = await call.readBody();
  return {
    http: {
      method: call.method,
      url: call.url.href,
      headers: call.headers,
      query,
      params,
      body: body.length > 0 ? { bytes: body } : null,
    },
  };
}

/** The response for a function's result; 204 if it returned nothing. The host's response in that case is not documented. */
function fromRpcHttp(value: RpcTypedData | null | undefined): HttpResponse {
  const http = value?.http;
  if (!http) return { status: 204 };
  const cookies = (http.cookies ?? []).map(setCookie);
  const headers: HttpResponse['headers'] = { ...http.headers };
  if (cookies.length > 0) headers['set-cookie'] = [...[headers['set-cookie'] ?? []].flat(), ...cookies];
  return { status: Number(http.statusCode ?? 200), headers, body: http.body?.bytes ?? http.body?.string ?? '' };
}

/** A `Set-Cookie` header as ASP.NET Core writes it: name and value percent-encoded. */
function setCookie(cookie: RpcCookie): string {
  const parts = [`${encodeURIComponent(cookie.name)}=${encodeURIComponent(cookie.value)}`];
  if (cookie.expires) parts.push(`expires=${new Date(cookie.expires.value.seconds * 1000).toUTCString()}`);
  if (cookie.maxAge) parts.push(`max-age=${Math.trunc(cookie.maxAge.value)}`);
  if (cookie.domain) parts.push(`domain=${cookie.domain.value}`);
  if (cookie.path) parts.push(`path=${cookie.path.value}`);
  if (cookie.secure?.value) parts.push('secure');
  if (cookie.sameSite && cookie.sameSite !== 'none') parts.push(`samesite=${sameSiteNames[cookie.sameSite]}`);
  if (cookie.httpOnly?.value) parts.push('httponly');
  return parts.join('; ');
}
