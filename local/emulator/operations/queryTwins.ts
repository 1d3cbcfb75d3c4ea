import { type Query, QuerySyntaxError } from '../query/ast.ts';
import { readContinuation, writeContinuation } from '../query/continuationToken.ts';
import { parseQuery } from '../query/parseQuery.ts';
import { runQuery } from '../query/runQuery.ts';
import { requireObject } from '../wire/bodyFields.ts';
import { argumentInvalid, queryInvalid, queryTooLong } from '../wire/refusals.ts';
import type { HubCall, Operation } from './operation.ts';

/** Microsoft: "Queries for IoT Hub device and module twins", limitations. */
const maxQueryCharacters = 8192;

export const queryTwins: Operation = {
  name: 'query',
  throttle: 'query',
  right: 'ServiceConnect',
  dataActions: ['twins/read'],
  charged: true,
  hasBody: true,
  run: (call) => {
    const { query: text } = requireObject(call.body, 'The body');
    if (typeof text !== 'string') throw argumentInvalid('query must be a string');
    if (text.length > maxQueryCharacters) throw queryTooLong(text.length);
    const query = parse(text);
    const { secret } = call.store;
    const pageRows = readPageRows(call.headers['x-ms-max-item-count'], call.page);
    const listing = { queryText: text, pageRows: call.page.sizeIsFixed ? pageRows : undefined };
    const token = call.headers['x-ms-continuation'];
    const start =
      typeof token === 'string' && token !== ''
        ? readContinuation(token, listing, secret)
        : { cursor: { position: 0, within: 0 }, rowsLeft: query.top };
    const page = runQuery(call.store, query, start.cursor, Math.min(pageRows, start.rowsLeft ?? pageRows));
    const rowsLeft = start.rowsLeft === undefined ? undefined : start.rowsLeft - page.rows.length;
    const headers: Record<string, string> = { 'x-ms-item-type': page.itemType };
    if (page.next && rowsLeft !== 0) {
      headers['x-ms-continuation'] = writeContinuation({ cursor: page.next, rowsLeft }, listing, secret);
    }
    return { status: 200, headers, body: page.rows };
  },
};

function parse(text: string): Query {
  try {
    return parseQuery(text);
  } catch (error) {
    if (error instanceof QuerySyntaxError) throw queryInvalid(error.message);
    throw error;
  }
}

/** The requested page size, silently reduced to the largest one, so clients must accept shorter pages. */
function readPageRows(header: string | string[] | undefined, page: HubCall['page']): number {
  if (header === undefined || header === '') return Math.min(page.defaultRows, page.maxRows);
  const rows = Number(header);
  if (!/^\d+$/.test(String(header)) || rows < 1)
    throw argumentInvalid('x-ms-max-item-count must be a positive whole number');
  return Math.min(rows, page.maxRows);
}
