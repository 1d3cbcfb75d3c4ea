import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import { decodeSegment } from '../host/decodeSegment.ts';
import type { HubEvent, StoredEvent } from './hubEvent.ts';

/** What to start. */
export interface EventHubOptions {
  /** Default `changes`. */
  name?: string;
  /** Consumer groups in addition to `$Default`. Default: `module-keeper`. */
  consumerGroups?: readonly string[];
  /** Default 4, as a hub's built-in endpoint has. */
  partitions?: number;
  clock: Clock;
}

/** A running stand-in for an event hub. */
export interface EventHub {
  name: string;
  /** In the form of Microsoft's Event Hubs emulator; only the stand-in for the Functions host can use it. */
  connectionString: string;
  send(event: HubEvent): void;
  /** All events so far, partition by partition. */
  readonly events: readonly (readonly StoredEvent[])[];
  close(): Promise<void>;
}

/** Longest time that a request for events waits for one; then the response is empty. */
const maxWaitMs = 5_000;
const path = /^\/([^/]+)\/consumergroups\/([^/]+)\/partitions(?:\/(\d+)\/events)?$/;

/**
 * Starts a stand-in for an event hub: partitions that each reader reads from its own position, over HTTP instead of AMQP. The
 * stand-in keeps all events until it is closed.
 */
export async function startEventHub(options: EventHubOptions): Promise<EventHub> {
  const { name = 'changes', consumerGroups = ['module-keeper'], partitions = 4, clock } = options;
  const groups = new Set(['$default', ...consumerGroups.map((group) => group.toLowerCase())]);
  const key = randomBytes(32).toString('base64');
  const events = Array.from({ length: partitions }, (): StoredEvent[] => []);
  const waiting = new Set<() => void>();

  async function respond(request: IncomingMessage): Promise<{ status: number; body?: unknown }> {
    if (request.headers.authorization !== key) return { status: 401 };
    const url = new URL(request.url ?? '/', 'http://localhost');
    const [, hub = '', group = '', partition] = path.exec(url.pathname) ?? [];
    const isKnown =
      decodeSegment(hub).toLowerCase() === name.toLowerCase() && groups.has(decodeSegment(group).toLowerCase());
    if (!isKnown) return { status: 404 };
    if (partition === undefined) return { status: 200, body: events.map((_, index) => String(index)) };
    const log = events[Number(partition)];
    if (!log) return { status: 404 };
    const from = Number(url.searchParams.get('from'));
    if (log.length <= from) await arrival();
    return { status: 200, body: log.slice(from, from + Number(url.searchParams.get('max'))) };
  }

  /** Resolves with the next event of any partition, or after the longest wait. */
  async function arrival(): Promise<void> {
    const done = new AbortController();
    const wake = () => done.abort();
    waiting.add(wake);
    await clock.sleep(maxWaitMs, done.signal).catch(() => undefined); // `sleep` rejects when `wake` is called
    waiting.delete(wake);
  }

  const wakeAll = () => {
    for (const wake of waiting) wake();
  };
  const server = createServer((request, response) => {
    void respond(request).then(
      (answer) => send(response, answer),
      () => send(response, { status: 500 }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    name,
    connectionString: `Endpoint=sb://localhost:${port}/;SharedAccessKeyName=local;SharedAccessKey=${key};EntityPath=${name};UseDevelopmentEmulator=true`,
    send: (event) => {
      const log = events[partitionOf(event.partitionKey, partitions)];
      log?.push({ ...event, sequenceNumber: log.length, enqueuedTime: new Date(clock.now()).toISOString() });
      wakeAll();
    },
    events,
    close: async () => {
      wakeAll();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The partition of a key. Azure uses another hash; it matters only that equal keys have the same partition. */
function partitionOf(key: string, partitions: number): number {
  return createHash('sha256').update(key).digest().readUInt32BE() % partitions;
}

function send(response: ServerResponse, { status, body }: { status: number; body?: unknown }): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
