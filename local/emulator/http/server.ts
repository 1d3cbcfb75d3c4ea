import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { HubRefusal, refusalResponse } from '../wire/hubRefusal.ts';
import type { HubResponse } from '../wire/hubResponse.ts';
import { serverError } from '../wire/refusals.ts';
import type { Fault } from './faults.ts';
import { readRequestTarget } from './requestTarget.ts';
import { isAdminPath, serveAdmin } from './serveAdmin.ts';
import { type Hub, type Served, serveHub } from './serveHub.ts';

/** Longer than any client keeps an idle connection, so that none is closed under a request. */
const keepAliveTimeoutMs = 130_000;

export interface HubServer {
  port: number;
  /** Drops all connections, also those whose requests are still held back. */
  close(): Promise<void>;
}

export interface ListenOptions {
  key: string;
  certificate: string;
  address: string;
  port: number;
  /** The hub as it answers at that port; called once, before the first request. */
  hubAt(port: number): Hub;
  /** Told of an error that should not be; the client gets a 500. */
  onBug(error: unknown): void;
}

/** Serves a hub over HTTPS. Rejects when the port is taken. */
export async function listen(options: ListenOptions): Promise<HubServer> {
  const server = createServer({ key: options.key, cert: options.certificate, keepAliveTimeout: keepAliveTimeoutMs });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.address, () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  const hub = options.hubAt(port);
  server.on('request', (request, response) => {
    serve(hub, request, response, options.onBug).catch(options.onBug);
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
  response: ServerResponse,
  onBug: (error: unknown) => void,
): Promise<void> {
  const requestId = randomUUID();
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const served = route(hub, request, gone.signal);
  if (!(await waited(hub, served.delayMs, gone.signal))) return hub.counters.countRequest(served.operation, undefined);
  if (served.fault && !served.fault.afterwards && breaksConnection(served.fault)) {
    hub.counters.countRequest(served.operation, undefined);
    return misbehave(served.fault, undefined, response);
  }
  const answer = await answerOf(hub, served, requestId, gone.signal, onBug);
  if (!answer) return hub.counters.countRequest(served.operation, undefined);
  hub.counters.countRequest(served.operation, answer.status);
  answer.headers = { 'x-ms-request-id': requestId, ...answer.headers };
  if (served.fault && breaksConnection(served.fault)) return misbehave(served.fault, answer, response);
  send(answer, response);
}

function route(hub: Hub, request: IncomingMessage, gone: AbortSignal): Served {
  try {
    const target = readRequestTarget(request.url ?? '/');
    if (!isAdminPath(target)) return serveHub(hub, request, target, gone);
    return { operation: '$emulator', delayMs: 0, fault: undefined, answer: () => serveAdmin(hub, request, target) };
  } catch (error) {
    return { operation: 'unknown', delayMs: 0, fault: undefined, answer: () => Promise.reject(error) };
  }
}

/** Waits on the emulator's clock; false when the client left meanwhile. */
async function waited(hub: Hub, delayMs: number, gone: AbortSignal): Promise<boolean> {
  if (delayMs === 0) return true;
  try {
    await hub.clock.sleep(delayMs, gone);
    return true;
  } catch (error) {
    if (gone.aborted) return false;
    throw error;
  }
}

/** The answer, be it a refusal; undefined when the client left while it was held back. */
async function answerOf(
  hub: Hub,
  served: Served,
  requestId: string,
  gone: AbortSignal,
  onBug: (error: unknown) => void,
): Promise<HubResponse | undefined> {
  try {
    return await served.answer();
  } catch (error) {
    if (gone.aborted) return undefined;
    if (error instanceof HubRefusal) return refusalResponse(error, requestId, hub.clock.now());
    onBug(error);
    return refusalResponse(serverError(), requestId, hub.clock.now());
  }
}

function send(answer: HubResponse, response: ServerResponse): void {
  const headers: Record<string, string | number> = { ...answer.headers };
  const text = answer.text ?? (answer.body === undefined ? undefined : JSON.stringify(answer.body));
  if (text !== undefined) {
    headers['content-type'] = 'application/json; charset=utf-8';
    headers['content-length'] = Buffer.byteLength(text);
  }
  response.writeHead(answer.status, headers);
  response.end(text);
}

const breaksConnection = (fault: Fault): boolean => fault.kind !== 'status';

/** `hang` leaves the connection open until one side closes it. */
function misbehave(fault: Fault, answer: HubResponse | undefined, response: ServerResponse): void {
  if (fault.kind === 'hang') return;
  const text = answer?.text ?? JSON.stringify(answer?.body) ?? '';
  if (fault.kind === 'reset' || !answer || text === '') {
    response.destroy();
    return;
  }
  response.writeHead(answer.status, {
    ...answer.headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.write(text.slice(0, Math.ceil(text.length / 2)), () => response.destroy());
}
