import { createHmac, timingSafeEqual } from 'node:crypto';
import { argumentInvalid } from '../wire/refusals.ts';
import type { Cursor } from './indexedRows.ts';

/** Where the next page begins, and how many rows `TOP` still allows. */
export interface Continuation {
  cursor: Cursor;
  rowsLeft: number | undefined;
}

/** An opaque token that is valid only for the same query text on the same hub. */
export function writeContinuation(continuation: Continuation, queryText: string, secret: Buffer): string {
  const payload = Buffer.from(JSON.stringify(continuation)).toString('base64url');
  return `${payload}.${sign(payload, queryText, secret)}`;
}

/** Reads such a token. Throws a 400 refusal for a token of another hub or another query. */
export function readContinuation(token: string, queryText: string, secret: Buffer): Continuation {
  const [payload = '', mac = ''] = token.split('.');
  const expected = Buffer.from(sign(payload, queryText, secret));
  const given = Buffer.from(mac);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw argumentInvalid('The continuation token does not belong to this hub and this query text');
  }
  return JSON.parse(Buffer.from(payload, 'base64url').toString());
}

const sign = (payload: string, queryText: string, secret: Buffer): string =>
  createHmac('sha256', secret).update(`${payload}\n${queryText}`).digest('base64url');
