import { createHmac, timingSafeEqual } from 'node:crypto';
import { argumentInvalid } from '../wire/refusals.ts';
import type { Cursor } from './indexedRows.ts';

/** Where to go on, and how many rows `TOP` still allows. */
export interface Progress {
  cursor: Cursor;
  rowsLeft: number | undefined;
}

/** An opaque token that is good for this very query text on this hub only. */
export function writeContinuation(progress: Progress, queryText: string, secret: Buffer): string {
  const payload = Buffer.from(JSON.stringify(progress)).toString('base64url');
  return `${payload}.${seal(payload, queryText, secret)}`;
}

/** Reads such a token. A foreign one, or one of another query, is a 400. */
export function readContinuation(token: string, queryText: string, secret: Buffer): Progress {
  const [payload = '', mac = ''] = token.split('.');
  const expected = Buffer.from(seal(payload, queryText, secret));
  const given = Buffer.from(mac);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw argumentInvalid('The continuation token is not one of this hub for this query text');
  }
  return JSON.parse(Buffer.from(payload, 'base64url').toString());
}

const seal = (payload: string, queryText: string, secret: Buffer): string =>
  createHmac('sha256', secret).update(`${payload}\n${queryText}`).digest('base64url');
