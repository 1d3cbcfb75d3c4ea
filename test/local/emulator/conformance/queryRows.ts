import { expect } from '@jest/globals';
import type { Reply } from '../hubClient.ts';

export type Row = { [name: string]: unknown };

/** Sends queries: the hub under test, or a client of one emulator. */
export interface QuerySender {
  query(text: string, headers?: Record<string, string>): Promise<Reply>;
}

export function rowsOf(reply: Reply): Row[] {
  expect([reply.status, Array.isArray(reply.body)]).toEqual([200, true]);
  return reply.body as Row[];
}

/** All rows of a query, from all its pages. */
export const queryRows = async (sender: QuerySender, text: string): Promise<Row[]> =>
  (await queryPages(sender, text)).flat();

/** The pages of a query, of at most `pageRows` rows; without it, of the hub's default size. */
export async function queryPages(sender: QuerySender, text: string, pageRows?: number): Promise<Row[][]> {
  const pages: Row[][] = [];
  const size: Record<string, string> = pageRows === undefined ? {} : { 'x-ms-max-item-count': String(pageRows) };
  for (let token: string | undefined; ; ) {
    const reply = await sender.query(text, { ...size, ...(token === undefined ? {} : { 'x-ms-continuation': token }) });
    pages.push(rowsOf(reply));
    const next = reply.headers['x-ms-continuation'];
    if (typeof next !== 'string') return pages;
    token = next;
  }
}
