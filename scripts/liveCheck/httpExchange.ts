import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import type { HubAgent } from '../../shared/hub/hubAgent.ts';

/** One request to the hub, without its Authorization header. */
export interface HubRequest {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** With the query. */
  path: string;
  headers: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
}

/** What the hub sent. `body` is parsed if it is JSON, undefined if it is empty, else text. */
export interface HubReply {
  status: number;
  headers: IncomingHttpHeaders;
  body: unknown;
}

/** Sends one request over `agent`, which knows host and port. Rejects if the connection fails or breaks. */
export function exchange({ method, path, headers, body }: HubRequest, authorization: string, agent: HubAgent) {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  return new Promise<HubReply>((resolve, reject) => {
    const outgoing = request({ method, path, agent, headers: { ...headers, authorization } }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (part: string) => {
        text += part;
      });
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: parsed(text) }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
