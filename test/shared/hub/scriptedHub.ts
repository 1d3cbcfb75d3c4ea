import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { makeCertificate } from '../../../local/emulator/http/certificate.ts';
import type { ProbeAnswer, ProbeCall, ProbeMethod, ProbeOptions } from './azureRegistryProbe.ts';
import { hubConfig } from './hubConfig.ts';

export interface SeenRequest {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingHttpHeaders;
  body: unknown;
  /** Counts connections from 1. */
  connection: number;
}

type Answerer = (response: ServerResponse, request: IncomingMessage) => void;

/** Base64 of "the key of the test hub", and all that an answer's or a token's secret looks like. */
export const sharedKey = Buffer.from('the key of the test hub').toString('base64');
export const moduleKey = Buffer.from('the key of a new module').toString('base64');
export const bearerToken = 'entra-token';

/** An HTTPS server that answers as a test says, and a child process that calls it through `azureRegistry`. */
export class ScriptedHub {
  readonly requests: SeenRequest[] = [];
  answer: Answerer = json(200, {});
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
        this.answer(response, request);
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

  /** A caller in a process of its own; `call` rejects if that process ends. */
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
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    const exited = once(child, 'exit');
    this.closers.push(async () => {
      child.stdin.end();
      await exited;
    });
    const open = new Map<number, (answer: ProbeAnswer) => void>();
    createInterface({ input: child.stdout }).on('line', (line) => {
      const answer = JSON.parse(line) as ProbeAnswer;
      open.get(answer.id)?.(answer);
    });
    let calls = 0;
    return async (method: ProbeMethod, ...args: unknown[]): Promise<ProbeAnswer> => {
      const call: ProbeCall = { id: ++calls, method, args };
      const answered = new Promise<ProbeAnswer>((resolve) => open.set(call.id, resolve));
      child.stdin.write(`${JSON.stringify(call)}\n`);
      const ended = exited.then(() => Promise.reject(new Error(`The calling process ended: ${complaint}`)));
      return Promise.race([answered, ended]);
    };
  }

  async close(): Promise<void> {
    for (const close of this.closers.reverse()) await close();
  }
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answerer {
  return text(status, JSON.stringify(body), headers);
}

export function text(status: number, body: string, headers: Record<string, string> = {}): Answerer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(body);
  };
}
