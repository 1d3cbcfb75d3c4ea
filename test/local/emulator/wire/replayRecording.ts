import { expect } from '@jest/globals';
import type { FakeClock } from '../../../support/fakeClock.ts';
import type { HubClient, Reply } from '../hubClient.ts';
import type { RecordedResponse, Recording } from '../recordedExchange.ts';
import { magnitudesOf, shapeOf } from '../shapeOf.ts';

/** Headers that Node's server adds or that the recordings do not contain any more; they are not compared. */
const unrecordedHeaders = ['connection', 'content-length', 'date', 'keep-alive', 'server', 'vary', 'x-ms-request-id'];
/** The recorded counters are inconsistent, so their values are not compared. */
const isStatistics = (path: string): boolean => path.startsWith('/statistics');
const isQuery = (path: string): boolean => path.startsWith('/devices/query');
/** Time between two recorded queries, after which the index was up to date. */
const indexWaitMs = 4000;

/**
 * Replays a recording against a hub and fails if a response differs in status, headers, names and their order, types,
 * nulls or the magnitude of numbers. In later requests the etags of the hub replace the recorded ones.
 */
export async function replayRecording(recording: Recording, client: HubClient, clock: FakeClock): Promise<void> {
  const etags = new Map<string, string>();
  const madeIds = new Set<string>();
  for (const { request, response } of recording.exchanges) {
    if (isQuery(request.path) && Array.isArray(response.body) && response.body.length > 0)
      await clock.advance(indexWaitMs);
    const headers = JSON.parse(substituted(JSON.stringify(request.headers), etags));
    const body = JSON.parse(substituted(JSON.stringify(request.body), etags));
    const reply = await client.send(request.method, request.path, {
      ...{ headers, apiVersion: '' },
      ...(body === null ? {} : { body }),
    });
    expect([request.path, reply.status]).toEqual([request.path, response.status]);
    expect(headersOf(reply)).toEqual(expectedHeaders(response, reply.body));
    if (Array.isArray(response.body))
      expectRows(reply.body, response.body, isQuery(request.path) ? madeIds : undefined);
    else expectAlike(reply.body, response.body ?? undefined, !isStatistics(request.path));
    for (const id of namedIn(request.path, body)) madeIds.add(id);
    learnEtag(response.body, reply.body, etags);
  }
}

function headersOf(reply: Reply): object {
  return Object.fromEntries(Object.entries(reply.headers).filter(([name]) => !unrecordedHeaders.includes(name)));
}

/** The recorded headers, with the etag of our own body. */
function expectedHeaders({ headers }: RecordedResponse, ownBody: unknown): object {
  if (headers.etag === undefined) return headers;
  return { ...headers, etag: `"${(ownBody as { etag: string }).etag}"` };
}

function expectAlike(own: unknown, recorded: unknown, withMagnitudes: boolean): void {
  expect(shapeOf(own)).toEqual(shapeOf(recorded));
  if (withMagnitudes) expect(magnitudesOf(own)).toEqual(magnitudesOf(recorded));
}

/**
 * Recorded lists also contain rows of other tests. Each of our rows must have the format of a recorded one, and every
 * recorded row of an identity that this recording created must be among ours.
 */
function expectRows(own: unknown, recorded: readonly object[], madeIds: ReadonlySet<string> | undefined): void {
  const look = (row: object) => JSON.stringify([shapeOf(row), magnitudesOf(row)]);
  const rows = own as { deviceId: string }[];
  expect(rows.length > 0).toBe(recorded.length > 0);
  const models = recorded.filter((row) => !('configurations' in row)).map(look);
  for (const row of rows) expect(models).toContain(look(row));
  const ids = rows.map((row) => row.deviceId);
  const wanted = (recorded as { deviceId: string }[]).map((row) => row.deviceId);
  expect(ids).toEqual(expect.arrayContaining(madeIds ? wanted.filter((id) => madeIds.has(id)) : wanted));
}

function namedIn(path: string, body: unknown): string[] {
  if (Array.isArray(body)) return body.map((entry: { id: string }) => entry.id);
  return [/^\/devices\/([^/?]+)/.exec(path)?.[1] ?? ''];
}

function substituted(text: string, etags: ReadonlyMap<string, string>): string {
  let result = text;
  for (const [recorded, own] of etags) result = result.replaceAll(recorded, own);
  return result;
}

function learnEtag(recorded: unknown, own: unknown, etags: Map<string, string>): void {
  const [theirs, ours] = [recorded as { etag?: string } | null, own as { etag?: string } | undefined];
  if (theirs?.etag && ours?.etag) etags.set(theirs.etag, ours.etag);
}
