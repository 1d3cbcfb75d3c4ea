import { request } from 'node:http';
import { afterAll, beforeAll } from '@jest/globals';
import { type Azurite, startAzurite } from '../../../../local/azurite/startAzurite.ts';
import type { HostProcess } from '../../../../local/host/hostProcess.ts';
import { startFixture } from '../fixture.ts';

/** The status and the body of a response. */
type Answer = [status: number, text: string];

/** A running fixture, with its calls; usable inside tests and hooks. */
export interface MeasuredHost {
  readonly host: HostProcess;
  readonly storage: string;
  /** Sends the path as it is; `fetch` would resolve dots. Resolves with status, body and headers. */
  send(method: string, path: string, headers?: Record<string, string>, body?: string | Buffer): Promise<Answer>;
}

/** Registers hooks that start the fixture on an Azurite for the tests of a file, and end them. */
export function measuredHost(queueName: string, options: Parameters<typeof startFixture>[2] = {}): MeasuredHost {
  let azurite: Azurite | undefined;
  let host: HostProcess | undefined;
  beforeAll(async () => {
    azurite = await startAzurite();
    host = await startFixture(azurite.connectionString, queueName, { drainMs: 0, ...options });
  });
  afterAll(async () => {
    await host?.close();
    await azurite?.close();
  });
  const running = (): HostProcess => {
    if (!host) throw new Error('The host runs only while tests run');
    return host;
  };
  return {
    get host() {
      return running();
    },
    get storage() {
      return azurite?.connectionString ?? '';
    },
    send: (method, path, headers = {}, body) => send(running().url, { method, path, headers, body }),
  };
}

function send(
  url: string,
  sent: { method: string; path: string; headers: Record<string, string>; body: string | Buffer | undefined },
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const { method, path, headers, body } = sent;
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve([response.statusCode ?? 0, text]));
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    if (headers['content-length'] !== undefined && body === undefined) outgoing.flushHeaders();
    else outgoing.end(body);
  });
}
