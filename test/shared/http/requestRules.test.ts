import { HttpRequest } from '@azure/functions';
import { describe, expect, test } from '@jest/globals';
import { sweepsQuery } from '../../../shared/api/queries.ts';
import { checkRequest, type RequestRules } from '../../../shared/http/requestRules.ts';

function check(method: string, query: string, rules: RequestRules = {}, body?: string): Promise<unknown> {
  const request = new HttpRequest({
    method,
    url: `http://localhost/api/sweeps${query}`,
    query: Object.fromEntries(new URLSearchParams(query)),
    headers: body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) },
    // The library would drop the body of a GET, with a warning on the console.
    ...(body === undefined || method === 'GET' ? {} : { body: { string: body } }),
  });
  return checkRequest(request, rules).catch((error: unknown) => error);
}

describe('checkRequest', () => {
  test.each([
    ['POST', '?dryRun=true', 'dryRun', 'belongs in the body of POST /api/sweeps, such as {"dryRun":true}'],
    ['POST', '?dryrun=true', 'dryrun', 'belongs in the body'],
    ['PUT', '?dryRun=true', 'dryRun', 'belongs in the body of POST /api/sweeps'],
    ['POST', '?hubs=contoso', 'hubs', 'belongs in the body'],
    ['DELETE', '?hub=contoso', 'hub', 'in the path'],
    ['GET', '?continuation=x', 'continuation', 'GET /api/sweeps only'],
    ['GET', '?force=1', 'force', 'no parameters'],
    ['GET', '?a%3Db%2Fc=1', '(not shown)', 'no parameters'],
  ])('refuses %s %s', async (method, query, field, words) => {
    expect(await check(method, query)).toMatchObject({
      status: 400,
      type: 'bad-query',
      errors: [{ field, message: expect.stringContaining(words) }],
    });
  });

  test('names what the call reads, and reports every unknown parameter', async () => {
    expect(await check('GET', '?hub=a&top=5&skip=5', { query: sweepsQuery })).toMatchObject({
      errors: [
        { field: 'top', message: 'write one of hub, continuation, limit' },
        { field: 'skip', message: 'write one of hub, continuation, limit' },
      ],
    });
  });

  test.each(['', '?code=abc', '?clientId=default&code=abc', '?CODE=abc'])(
    'lets the query %s of the runtime pass',
    async (query) => {
      expect(await check('PUT', query)).toBeUndefined();
    },
  );

  test.each(['PUT', 'DELETE', 'GET'])('refuses a body of %s that nobody reads', async (method) => {
    expect(await check(method, '', {}, '{"dryRun":true}')).toMatchObject({ status: 400, type: 'unexpected-body' });
  });

  test.each(['', ' \r\n'])('lets the empty body %j pass', async (body) => {
    expect(await check('PUT', '', {}, body)).toBeUndefined();
  });

  test('leaves a body that the function reads', async () => {
    expect(await check('POST', '', { body: true }, '{"dryRun":true}')).toBeUndefined();
  });
});
