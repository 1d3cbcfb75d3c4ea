import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../support/fakeClock.ts';
import type { HubClient } from './hubClient.ts';
import { shapeOf } from './shapeOf.ts';
import { withEmulator } from './withEmulator.ts';

interface Message {
  headers: Record<string, string>;
  body: unknown;
}
interface Exchange {
  request: Message & { method: string; path: string };
  response: Message & { status: number };
}
interface Recording {
  apiVersion: string;
  exchanges: Exchange[];
}

const folder = join(__dirname, 'recordings');
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
const comparedHeaders = ['content-type', 'iothub-errorcode', 'x-ms-item-type', 'x-ms-continuation'];
const someKey = Buffer.alloc(32, 7).toString('base64');

describe('What real hubs were recorded to answer', () => {
  test('is at hand for devices, modules, twins, bulk calls, queries and statistics', () => {
    expect(names).toHaveLength(12);
  });

  test.each(names)('the emulator answers alike: %s', async (name) => {
    const recording: Recording = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    const clock = new FakeClock();
    await withEmulator({ clock, queryDelayMs: 3000, throttling: true }, async (client) => {
      const ours = new Map<string, string>();
      for (const exchange of recording.exchanges) await replay(client, clock, exchange, ours);
    });
  });
});

/** `ours` maps recorded etags to those that the emulator gave in the same place. */
async function replay(
  client: HubClient,
  clock: FakeClock,
  exchange: Exchange,
  ours: Map<string, string>,
): Promise<void> {
  const { request, response } = exchange;
  const isQuery = request.path.startsWith('/devices/query');
  // Between the recorded queries lie seconds in which the index caught up.
  if (isQuery && Array.isArray(response.body) && response.body.length > 0) await clock.advance(4000);
  const sent = JSON.parse(substitute(JSON.stringify({ headers: request.headers, body: request.body }), ours));
  const reply = await client.send(request.method, request.path, {
    headers: sent.headers,
    apiVersion: '',
    ...(sent.body === null ? {} : { body: sent.body }),
  });
  expect(reply.status).toBe(response.status);
  for (const header of comparedHeaders)
    expect([header, reply.headers[header]]).toEqual([header, response.headers[header]]);
  expectEtagHeader(reply.headers.etag, response.headers.etag, reply.body);
  if (isQuery || Array.isArray(response.body)) expectRowShapes(reply.body, response.body);
  else expect(shapeOf(reply.body)).toEqual(shapeOf(response.body ?? undefined));
  learnEtags(response.body, reply.body, ours);
}

function expectEtagHeader(ours: string | undefined, recorded: string | undefined, body: unknown): void {
  if (recorded === undefined) expect(ours).toBeUndefined();
  else expect(ours).toBe(`"${(body as { etag: string }).etag}"`);
}

/** Recorded lists hold rows of other tests too; each of our rows must look like one of them. */
function expectRowShapes(ours: unknown, recorded: unknown): void {
  const recordedRows = recorded as object[];
  const plain = recordedRows.filter((row) => !('configurations' in row)).map((row) => JSON.stringify(shapeOf(row)));
  const rows = ours as object[];
  expect(rows.length > 0).toBe(recordedRows.length > 0);
  for (const row of rows) expect(plain).toContain(JSON.stringify(shapeOf(row)));
}

function substitute(text: string, ours: Map<string, string>): string {
  let result = text.replaceAll('"Sanitized"', JSON.stringify(someKey));
  for (const [recorded, own] of ours) result = result.replaceAll(recorded, own);
  return result;
}

function learnEtags(recorded: unknown, own: unknown, ours: Map<string, string>): void {
  const [theirs, mine] = [recorded as { etag?: string } | null, own as { etag?: string } | undefined];
  if (!Array.isArray(theirs) && theirs?.etag && mine?.etag) ours.set(theirs.etag, mine.etag);
}
