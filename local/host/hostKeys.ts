import { createHmac, timingSafeEqual } from 'node:crypto';
import type { HttpCall, HttpResponse } from './httpResponse.ts';

/** The keys of an app, all derived from one secret, so that a host that starts again has the same. */
export interface HostKeys {
  master: string;
  /** The host key `default`: for every function. */
  host: string;
  /** The system key `eventgrid_extension`: for the Event Grid webhook. */
  eventGrid: string;
  /** The system key `mcp_extension`: for the MCP endpoint. */
  mcp: string;
  ofFunction(name: string): string;
}

export function hostKeys(secret: string): HostKeys {
  const derive = (name: string): string => createHmac('sha256', secret).update(name).digest('base64url');
  return {
    master: derive('master'),
    host: derive('host/default'),
    eventGrid: derive('system/eventgrid_extension'),
    mcp: derive('system/mcp_extension'),
    ofFunction: (name) => derive(`function/${name}`),
  };
}

/** Checks the key of a request. Each method returns the response that refuses the request, or undefined if it is allowed. */
export interface KeyCheck {
  function(call: HttpCall, name: string, authLevel: string): HttpResponse | undefined;
  admin(call: HttpCall): HttpResponse | undefined;
  eventGrid(call: HttpCall): HttpResponse | undefined;
  mcp(call: HttpCall): HttpResponse | undefined;
}

/** Allows every request, as Core Tools do. */
export const noKeyCheck: KeyCheck = {
  function: () => undefined,
  admin: () => undefined,
  eventGrid: () => undefined,
  mcp: () => undefined,
};

const unauthorized: HttpResponse = { status: 401 };
/** The 401 of the host's own endpoints, as measured. */
const unauthorizedByHost: HttpResponse = { status: 401, headers: { 'www-authenticate': 'Bearer' } };
const forbidden: HttpResponse = { status: 403 };

/**
 * The check of Microsoft's host 4.1037, as measured. A function responds with 401 to every key that does not open it. An endpoint of
 * the host responds with 403 to a valid host key or system key that does not open it, and with 401 to an unknown key or none. Not
 * measured: functions with `authLevel: 'admin'`, which behave like `/admin` here.
 */
export function keyCheck(keys: HostKeys): KeyCheck {
  const isAllowed = (call: HttpCall, ...accepted: string[]): boolean =>
    isOneOf(keyOf(call), [keys.master, ...accepted]);
  const ofHost = (call: HttpCall, ...accepted: string[]): HttpResponse | undefined => {
    if (isAllowed(call, ...accepted)) return undefined;
    return isOneOf(keyOf(call), [keys.host, keys.eventGrid, keys.mcp]) ? forbidden : unauthorizedByHost;
  };
  return {
    function: (call, name, authLevel) => {
      if (authLevel === 'anonymous') return undefined;
      if (authLevel === 'admin') return ofHost(call);
      return isAllowed(call, keys.host, keys.ofFunction(name)) ? undefined : unauthorized;
    },
    admin: (call) => ofHost(call),
    eventGrid: (call) => ofHost(call, keys.eventGrid),
    mcp: (call) => ofHost(call, keys.mcp),
  };
}

/** The header `x-functions-key`, else the query parameter `code`. */
const keyOf = ({ headers, url }: HttpCall): string => headers['x-functions-key'] ?? url.searchParams.get('code') ?? '';

const isOneOf = (given: string, keys: readonly string[]): boolean => keys.some((key) => isSame(given, key));

/** Compares bytes: `timingSafeEqual` throws for different lengths, and a text with other characters has more bytes. */
function isSame(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
