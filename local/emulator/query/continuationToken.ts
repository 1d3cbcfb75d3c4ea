import { createHmac, timingSafeEqual } from 'node:crypto';
import { argumentInvalid } from '../wire/refusals.ts';
import type { Cursor } from './indexedRows.ts';

/** Where the next page begins, and how many rows `TOP` still allows. */
export interface Continuation {
  cursor: Cursor;
  rowsLeft: number | undefined;
}

/** What a token is valid for, on one hub. */
export interface Listing {
  queryText: string;
  /** `undefined`: any size. */
  pageRows: number | undefined;
}

/** An opaque token that is valid only for the same listing on the same hub. */
export function writeContinuation(continuation: Continuation, listing: Listing, secret: Buffer): string {
  const payload = Buffer.from(JSON.stringify(continuation)).toString('base64url');
  return `${payload}.${sign(payload, listing, secret)}`;
}

/** Reads a token of `writeContinuation`. Throws a 400 refusal for a token of another hub or another listing. */
export function readContinuation(token: string, listing: Listing, secret: Buffer): Continuation {
  const [payload = '', mac = ''] = token.split('.');
  const expected = Buffer.from(sign(payload, listing, secret));
  const given = Buffer.from(mac);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    const parts = listing.pageRows === undefined ? 'this query text' : 'this query text and this page size';
    throw argumentInvalid(`The continuation token does not belong to this hub, ${parts}`);
  }
  return JSON.parse(Buffer.from(payload, 'base64url').toString());
}

const sign = (payload: string, { queryText, pageRows }: Listing, secret: Buffer): string =>
  createHmac('sha256', secret)
    .update(`${payload}\n${pageRows ?? ''}\n${queryText}`)
    .digest('base64url');
