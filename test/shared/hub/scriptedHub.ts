import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { makeCertificate } from '../../../local/emulator/http/certificate.ts';
import type { ProbeCall, ProbeMethod, ProbeOptions, ProbeResult } from './azureRegistryProbe.ts';
import { hubConfig } from './hubConfig.ts';

export interface SeenRequest {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingHttpHeaders;
  body: unknown;
  /** Counts connections from 1. */
  connection: number;
}

type Responder = (response: ServerResponse, request: IncomingMessage) => void;

/** Secrets of the test: the hub's key, a module's key in a response, and a token. */
export const sharedKey = Buffer.from('the key of the test hub').toString('base64');
export const moduleKey = Buffer.from('the key of a new module').toString('base64');
export const bearerToken = 'entra-token';

/** An HTTPS server with scripted responses, and a child process that calls it through `azureRegistry`. */
export class ScriptedHub {
  readonly requests: SeenRequest[] = [];
  respond: Responder = json(200, {});
  private closers: (() => Promise<unknown>)[] = [];
  private hostName = '';
  private caFile = '';
  private connections = 0;

  get host(): string {
    return this.hostName;
  }

  get last(): SeenRequest {
    const last = this.requests.at(-1);
    if (!last) throw new Error('the hub was not called');
    return last;
  }

  async start(): Promise<void> {
    const certificate = await makeCertificate();
    const numbers = new WeakMap<object, number>();
    const server = createServer({ key: certificate.key, cert: certificate.certificate }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const { method, url, headers, socket } = request;
        const connection = numbers.get(socket) ?? 0;
        this.requests.push({ method, url, headers, connection, body: text === '' ? undefined : JSON.parse(text) });
        this.respond(response, request);
      });
    });
    server.on('secureConnection', (socket) => {
      this.connections += 1;
      numbers.set(socket, this.connections);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.hostName = `localhost:${(server.address() as AddressInfo).port}`;
    this.caFile = certificate.caFile;
    this.closers.push(async () => {
      server.closeAllConnections();
      server.close();
      await certificate.remove();
    });
  }

  /** Starts a process that makes the calls; the returned function rejects if that process ends. */
  caller(changes: Partial<ProbeOptions> & { entra?: boolean; hostName?: string } = {}) {
    const { entra = false, hostName = this.hostName, ...options } = changes;
    const connectionString = `HostName=${hostName};SharedAccessKeyName=keeper;SharedAccessKey=${sharedKey}`;
    const given: ProbeOptions = {
      hub: hubConfig({ hostName, auth: entra ? { kind: 'entra' } : { kind: 'sas', connectionString } }),
      idleTimeoutMs: 60_000,
      secrets: [sharedKey, moduleKey, 'SharedAccessSignature', 'sig=', bearerToken],
      credentialFailures: 0,
      ...options,
    };
    const child = spawn(process.execPath, [join(__dirname, 'azureRegistryProbe.ts'), JSON.stringify(given)], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: this.caFile, NODE_OPTIONS: '', NODE_NO_WARNINGS: '1' },
    });
    let errorOutput = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errorOutput += text;
    });
    const exited = once(child, 'exit');
    this.closers.push(async () => {
      child.stdin.end();
      await exited;
    });
    const waiting = new Map<number, (result: ProbeResult) => void>();
    createInterface({ input: child.stdout }).on('line', (line) => {
      const result = JSON.parse(line) as ProbeResult;
      waiting.get(result.id)?.(result);
    });
    let calls = 0;
    return async (method: ProbeMethod, ...args: unknown[]): Promise<ProbeResult> => {
      const call: ProbeCall = { id: ++calls, method, args };
      const responded = new Promise<ProbeResult>((resolve) => waiting.set(call.id, resolve));
      child.stdin.write(`${JSON.stringify(call)}\n`);
      const ended = exited.then(() => Promise.reject(new Error(`The calling process ended: ${errorOutput}`)));
      return Promise.race([responded, ended]);
    };
  }

  async close(): Promise<void> {
    for (const close of this.closers.reverse()) await close();
  }
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Responder {
  return text(status, JSON.stringify(body), headers);
}

export function text(status: number, body: string, headers: Record<string, string> = {}): Responder {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(body);
  };
}
