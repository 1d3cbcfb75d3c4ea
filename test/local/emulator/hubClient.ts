import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  /** Parsed if it is JSON, undefined if empty. */
  body: unknown;
}

export interface Sending {
  headers?: Record<string, string>;
  /** Sent as JSON; a Buffer is sent as it is. */
  body?: unknown;
  /** Default: a valid token of the policy iothubowner. */
  authorization?: string;
  apiVersion?: string;
}

/** A hub and the policy to use. An `Emulator` is one. */
export interface HubAddress {
  connectionString: string;
  /** PEM file to trust. Default: Node's own authorities, for a real hub. */
  caFile?: string;
}

/** Calls a hub with node:https: real connections, without the SDK. */
export class HubClient {
  private readonly hub: HubAddress;
  private readonly url: URL;
  private readonly agent: Agent;

  constructor(hub: HubAddress) {
    this.hub = hub;
    this.url = new URL(`https://${fieldOf(hub.connectionString, 'HostName')}`);
    this.agent = new Agent({ keepAlive: true, ...(hub.caFile ? { ca: readFileSync(hub.caFile) } : {}) });
  }

  /** Sends a request. `path` is sent as it is, with the api-version added. Rejects if the connection breaks. */
  send(method: string, path: string, sending: Sending = {}): Promise<Reply> {
    const version = sending.apiVersion ?? '2021-04-12';
    const headers: Record<string, string> = {
      authorization: sending.authorization ?? sasToken(this.hub.connectionString),
      ...sending.headers,
    };
    const payload = payloadOf(sending.body);
    if (payload) {
      headers['content-type'] ??= 'application/json; charset=utf-8';
      headers['content-length'] = String(payload.length);
    }
    const query = version === '' ? '' : `${path.includes('?') ? '&' : '?'}api-version=${version}`;
    return exchange(
      {
        host: this.url.hostname,
        port: this.url.port || 443,
        agent: this.agent,
        method,
        path: `${path}${query}`,
        headers,
      },
      payload,
    );
  }

  query(text: string, headers: Record<string, string> = {}): Promise<Reply> {
    return this.send('POST', '/devices/query', { body: { query: text }, headers });
  }

  close(): void {
    this.agent.destroy();
  }
}

/** A token for the host of a connection string, or for another scope. */
export function sasToken(
  connectionString: string,
  change: { scope?: string; expiresAtMs?: number; key?: string } = {},
): string {
  const field = (name: string) => fieldOf(connectionString, name);
  const scope = encodeURIComponent(change.scope ?? field('HostName'));
  const expiry = Math.floor((change.expiresAtMs ?? Date.now() + 3_600_000) / 1000);
  const key = Buffer.from(change.key ?? field('SharedAccessKey'), 'base64');
  const signature = createHmac('sha256', key).update(`${scope}\n${expiry}`).digest('base64');
  return `SharedAccessSignature sr=${scope}&sig=${encodeURIComponent(signature)}&skn=${field('SharedAccessKeyName')}&se=${expiry}`;
}

function fieldOf(connectionString: string, name: string): string {
  const part = connectionString.split(';').find((text) => text.startsWith(`${name}=`));
  return part?.slice(name.length + 1) ?? '';
}

function payloadOf(body: unknown): Buffer | undefined {
  if (body === undefined || Buffer.isBuffer(body)) return body;
  return Buffer.from(JSON.stringify(body));
}

function exchange(options: RequestOptions, payload: Buffer | undefined): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const body: unknown = text === '' ? undefined : JSON.parse(text);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}
