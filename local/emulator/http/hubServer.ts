import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { HubRefusal, refusalResponse } from '../wire/hubRefusal.ts';
import type { HubResponse } from '../wire/hubResponse.ts';
import { serverError } from '../wire/refusals.ts';
import type { Fault } from './faults.ts';
import { type Hub, type PreparedRequest, prepareRequest } from './prepareRequest.ts';
import { readRequestTarget } from './requestTarget.ts';
import { isAdminPath, serveAdmin } from './serveAdmin.ts';

/**
 * Longer than any client keeps an idle connection, so that the server never closes a connection on which a request is
 * just arriving.
 */
const keepAliveTimeoutMs = 130_000;

export interface HubServer {
  port: number;
  /** Closes all connections, also those whose requests are still delayed. */
  close(): Promise<void>;
}

export interface HubServerOptions {
  /** PEM. */
  key: string;
  /** PEM. */
  certificate: string;
  address: string;
  port: number;
  /** Builds the hub for the port that was taken; called once, before the first request. */
  hubAt(port: number): Hub;
  /** Receives errors that are bugs of the emulator; the client gets a 500. */
  onUnexpectedError(error: unknown): void;
}

/** Serves a hub over HTTPS. Rejects if the port is taken. */
export async function startHubServer(options: HubServerOptions): Promise<HubServer> {
  const server = createServer({ key: options.key, cert: options.certificate, keepAliveTimeout: keepAliveTimeoutMs });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.address, () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  const hub = options.hubAt(port);
  server.on('request', (request, response) => {
    serve(hub, request, response, options.onUnexpectedError).catch(options.onUnexpectedError);
  });
  return { port, close: () => close(server) };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
}

async function serve(
  hub: Hub,
  request: IncomingMessage,
  outgoing: ServerResponse,
  onUnexpectedError: (error: unknown) => void,
): Promise<void> {
  const requestId = randomUUID();
  const disconnected = new AbortController();
  outgoing.on('close', () => disconnected.abort());
  const prepared = prepare(hub, request, disconnected.signal);
  const { operation, fault } = prepared;
  if (!(await sleepUnlessDisconnected(hub, prepared.delayMs, disconnected.signal))) {
    return hub.counters.countRequest(operation, undefined);
  }
  if (fault && !fault.afterwards && breaksConnection(fault)) {
    hub.counters.countRequest(operation, undefined);
    return sendFault(fault, undefined, outgoing);
  }
  const response = await respond(hub, prepared, requestId, disconnected.signal, onUnexpectedError);
  if (!response) return hub.counters.countRequest(operation, undefined);
  hub.counters.countRequest(operation, response.status);
  response.headers = { 'x-ms-request-id': requestId, ...response.headers };
  if (fault && breaksConnection(fault)) return sendFault(fault, response, outgoing);
  send(response, outgoing);
}

function prepare(hub: Hub, request: IncomingMessage, disconnected: AbortSignal): PreparedRequest {
  try {
    const target = readRequestTarget(request.url ?? '/');
    if (!isAdminPath(target)) return prepareRequest(hub, request, target, disconnected);
    return { operation: '$emulator', delayMs: 0, fault: undefined, respond: () => serveAdmin(hub, request, target) };
  } catch (error) {
    return { operation: 'unknown', delayMs: 0, fault: undefined, respond: () => Promise.reject(error) };
  }
}

/** Sleeps on the emulator's clock. Resolves with false if the client disconnected meanwhile. */
async function sleepUnlessDisconnected(hub: Hub, delayMs: number, disconnected: AbortSignal): Promise<boolean> {
  if (delayMs === 0) return true;
  try {
    await hub.clock.sleep(delayMs, disconnected);
    return true;
  } catch (error) {
    if (disconnected.aborted) return false;
    throw error;
  }
}

/** The response, which may be a refusal; undefined if the client disconnected while the request was throttled. */
async function respond(
  hub: Hub,
  prepared: PreparedRequest,
  requestId: string,
  disconnected: AbortSignal,
  onUnexpectedError: (error: unknown) => void,
): Promise<HubResponse | undefined> {
  try {
    return await prepared.respond();
  } catch (error) {
    if (disconnected.aborted) return undefined;
    if (error instanceof HubRefusal) return refusalResponse(error, requestId, hub.clock.now());
    onUnexpectedError(error);
    return refusalResponse(serverError(), requestId, hub.clock.now());
  }
}

function send(response: HubResponse, outgoing: ServerResponse): void {
  const headers: Record<string, string | number> = { ...response.headers };
  const text = response.text ?? (response.body === undefined ? undefined : JSON.stringify(response.body));
  if (text !== undefined) {
    headers['content-type'] = 'application/json; charset=utf-8';
    headers['content-length'] = Buffer.byteLength(text);
  }
  outgoing.writeHead(response.status, headers);
  outgoing.end(text);
}

const breaksConnection = (fault: Fault): boolean => fault.kind !== 'status';

/**
 * `reset` closes the connection without a response, `truncated` closes it after half of the body, `hang` leaves it open
 * until the client or the end of the server closes it.
 */
function sendFault(fault: Fault, response: HubResponse | undefined, outgoing: ServerResponse): void {
  if (fault.kind === 'hang') return;
  const text = response?.text ?? JSON.stringify(response?.body) ?? '';
  if (fault.kind === 'reset' || !response || text === '') {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(response.status, {
    ...response.headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  outgoing.write(text.slice(0, Math.ceil(text.length / 2)), () => outgoing.destroy());
}
