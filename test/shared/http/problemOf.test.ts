import { HttpRequest, InvocationContext } from '@azure/functions';
import { describe, expect, test } from '@jest/globals';
import { MisconfiguredError } from '../../../shared/app.ts';
import { httpHandler } from '../../../shared/http/httpHandler.ts';
import { Problem } from '../../../shared/http/problem.ts';
import { problemOf } from '../../../shared/http/problemOf.ts';
import { HubError, type HubErrorKind, type HubFailure } from '../../../shared/hub/hubError.ts';
import { LimitedError } from '../../../shared/intake/tryNow.ts';
import { DamagedDocumentError } from '../../../shared/storage/damagedDocument.ts';

const kinds: Record<HubErrorKind, [status: number, type: string, retryAfterSeconds?: number]> = {
  deviceNotFound: [404, 'unknown-device'],
  moduleNotFound: [502, 'hub-refused'],
  moduleExists: [502, 'hub-refused'],
  etagMismatch: [502, 'hub-refused'],
  unauthorized: [502, 'hub-refuses-us'],
  forbidden: [502, 'hub-refuses-us'],
  identityCap: [503, 'hub-quota'],
  dailyQuota: [503, 'hub-quota'],
  tierWithoutModules: [502, 'hub-refused'],
  tooManyModules: [502, 'hub-refused'],
  deviceDisabled: [502, 'hub-refused'],
  throttled: [503, 'throttled', 10],
  limited: [503, 'limited', 10],
  unavailable: [503, 'hub-unavailable', 10],
  invalid: [502, 'hub-refused'],
};

describe('problemOf a hub error', () => {
  test('says of a device that waits in the queue that no other request is needed', () => {
    expect(problemOf(new LimitedError('contoso', 30_000, true))).toMatchObject({
      ...{ status: 503, type: 'limited', retryAfterSeconds: 30 },
      detail: expect.stringContaining('without another request'),
    });
  });

  test.each(Object.entries(kinds))('of kind %s returns status, type and Retry-After %j', (kind, expected) => {
    const [status, type, retryAfterSeconds] = expected;
    const error = new HubError('contoso', 'read device twin', {
      kind: kind as HubErrorKind,
      status: 418,
      code: 'Teapot',
    });
    const response = problemOf(error).toResponse();
    expect(response.status).toBe(status);
    expect(response.headers).toEqual({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    });
    const body = JSON.parse(String(response.body));
    expect(body).toMatchObject({ type: `urn:module-keeper:${type}`, status });
    expect(body.title).not.toBe('');
    expect(body.detail).not.toBe('');
  });
});

test('problemOf a damaged document names it, and says what to do', () => {
  const problem = problemOf(new DamagedDocumentError('runs/contoso/r.json'));
  expect(problem).toMatchObject({ status: 500, type: 'damaged-document' });
  expect(problem.detail).toMatch(/runs\/contoso\/r\.json is not JSON.*backup/);
});

test('problemOf a missing token says which settings to check', () => {
  const error = new HubError('contoso', 'read device twin', { kind: 'unauthorized', code: 'NoToken' });
  expect(problemOf(error)).toMatchObject({ status: 502, detail: expect.stringContaining('AZURE_CLIENT_ID') });
  const refused = new HubError('contoso', 'read device twin', { kind: 'unauthorized', status: 401 });
  expect(problemOf(refused).detail).toBe('read device twin on hub contoso: unauthorized (HTTP 401)');
});

test('problemOf a refusal by a hub says which role the call needs', () => {
  const detail = (operation: string, hub: string) =>
    problemOf(new HubError('contoso', operation, { kind: 'forbidden', status: 403 }), [
      { name: hub, auth: { kind: 'entra' } },
    ]).detail;
  expect(detail('read device twin', 'contoso')).toContain('needs the role "IoT Hub Data Reader" on this hub');
  expect(detail('create module', 'contoso')).toContain('needs the role "IoT Hub Registry Contributor" on this hub');
  expect(detail('create module', 'fabrikam')).not.toContain('role');
});

test.each([
  [0, '1'],
  [1, '1'],
  [1_000, '1'],
  [12_001, '13'],
])('problemOf an intake that is free again after %d ms has a Retry-After of %s s', (retryAfterMs, seconds) => {
  const { status, headers } = problemOf(new LimitedError('contoso', retryAfterMs)).toResponse();
  expect({ status, headers }).toMatchObject({ status: 503, headers: { 'retry-after': seconds } });
});

test('problemOf a hub that does not respond says what to check', () => {
  const error = new HubError('contoso', 'read device twin', { kind: 'unavailable', code: 'ENOTFOUND' });
  const { detail } = problemOf(error, [{ name: 'contoso', auth: { kind: 'entra' } }]);
  expect(detail).toContain('unavailable (ENOTFOUND). The host name has no address');
});

describe('problemOf an outage of storage', () => {
  test.each([
    [{ code: 'ECONNREFUSED' }, 'ECONNREFUSED', '10'],
    [{ code: 'EAI_AGAIN' }, 'EAI_AGAIN', '10'],
    [{ statusCode: 503, code: 'ServerBusy' }, 'HTTP 503', '10'],
    [{ code: 'SELF_SIGNED_CERT_IN_CHAIN' }, 'SELF_SIGNED_CERT_IN_CHAIN', undefined],
    [{ name: 'CredentialUnavailableError' }, 'NoToken', undefined],
  ])('of %j is a 503 that names %s, with Retry-After %s', (fields, why, retryAfter) => {
    const response = problemOf(Object.assign(new Error('AccountKey=c2VjcmV0'), fields)).toResponse();
    expect(response.status).toBe(503);
    expect((response.headers as Record<string, string>)['retry-after']).toBe(retryAfter);
    const body = JSON.parse(String(response.body));
    expect(body).toMatchObject({ type: 'urn:module-keeper:storage-unavailable', detail: expect.stringContaining(why) });
    expect(JSON.stringify(response)).not.toContain('c2VjcmV0');
  });

  test('does not include a missing blob', () => {
    expect(problemOf(Object.assign(new Error('no'), { statusCode: 404 }))).toMatchObject({
      status: 500,
      type: 'internal',
    });
  });
});

test.each([
  { statusCode: 403, code: 'AuthorizationFailure' },
  { statusCode: 401, code: 'c2VjcmV0' },
])('problemOf a refusal by storage %j is a 503 that says what to check, without Retry-After', (fields) => {
  const response = problemOf(Object.assign(new Error('AccountKey=c2VjcmV0'), fields)).toResponse();
  expect(response.status).toBe(503);
  expect(response.headers).toEqual({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  const { type, detail } = JSON.parse(String(response.body));
  expect(type).toBe('urn:module-keeper:storage-unavailable');
  expect(detail).toContain(`refuses the app: HTTP ${fields.statusCode}. `);
  for (const check of ['infra/README.md', 'key', 'network rules']) expect(detail).toContain(check);
  expect(JSON.stringify(response)).not.toContain('c2VjcmV0');
});

describe('problemOf another error', () => {
  test('returns the problems of the settings', () => {
    const error = new MisconfiguredError([{ setting: 'HUB_TIER', message: 'write S1' }]);
    expect(problemOf(error)).toMatchObject({
      status: 503,
      type: 'misconfigured',
      errors: [{ field: 'HUB_TIER', message: 'write S1' }],
      retryAfterSeconds: undefined,
    });
  });

  test('returns a Problem unchanged', () => {
    const problem = new Problem(409, 'paused', 'The hub is paused', 'Wait.', { retryAfterSeconds: 3 });
    expect(problemOf(problem)).toBe(problem);
    expect(problem.toResponse()).toMatchObject({ status: 409, headers: { 'retry-after': '3' } });
  });

  test.each([new Error('AccountKey=c2VjcmV0'), 'AccountKey=c2VjcmV0', undefined, { message: 'AccountKey=c2VjcmV0' }])(
    'returns 500 without any text of the error %#',
    (error) => {
      const response = problemOf(error).toResponse();
      expect(response.status).toBe(500);
      expect(JSON.stringify(response)).not.toContain('c2VjcmV0');
    },
  );
});

describe('httpHandler', () => {
  function contextWith(lines: string[]): InvocationContext {
    return new InvocationContext({
      functionName: 'test',
      logHandler: (level, ...args) => lines.push([level, ...args].join(' ')),
    });
  }
  const request = new HttpRequest({ method: 'GET', url: 'http://localhost/api/test' });

  test('sends the response of its function', async () => {
    const lines: string[] = [];
    const handler = httpHandler(async (_request, log) => {
      log.info('Working', { hub: 'contoso' });
      return { status: 202 };
    });
    expect(await handler(request, contextWith(lines))).toEqual({ status: 202 });
    expect(lines).toEqual(['information Working {"hub":"contoso"}']);
  });

  const failing = (failure: HubFailure) => httpHandler(() => Promise.reject(new HubError('contoso', 'read', failure)));

  test.each<[number, HubFailure]>([
    [502, { kind: 'unauthorized', status: 401, code: 'IotHubUnauthorizedAccess', trackingId: '0a1b-G:1' }],
    [502, { kind: 'invalid', status: 400, code: 'ArgumentInvalid' }],
    [503, { kind: 'throttled', status: 429 }],
    [503, { kind: 'unavailable', code: 'ECONNRESET' }],
    [503, { kind: 'identityCap', status: 403, code: '403002' }],
  ])('logs a warning for a refusal by the hub with response %d: %j', async (responseStatus, failure) => {
    const lines: string[] = [];
    expect(await failing(failure)(request, contextWith(lines))).toMatchObject({ status: responseStatus });
    expect(lines).toHaveLength(1);
    const [, level, fields] = /^(\w+) The hub refused a call for an HTTP request (\{.*\})$/.exec(lines[0] ?? '') ?? [];
    expect(level).toBe('warning');
    expect(JSON.parse(fields ?? '')).toEqual({ hub: 'contoso', operation: 'read', ...failure, responseStatus });
  });

  test.each<[number, HubFailure]>([
    [404, { kind: 'deviceNotFound', status: 404 }],
    [503, { kind: 'limited' }],
  ])('logs nothing for response %d if the hub refused nothing: %j', async (responseStatus, failure) => {
    const lines: string[] = [];
    expect(await failing(failure)(request, contextWith(lines))).toMatchObject({ status: responseStatus });
    expect(lines).toEqual([]);
  });

  test('logs an outage of storage as a warning, without its message', async () => {
    const lines: string[] = [];
    const failure = Object.assign(new Error('AccountKey=c2VjcmV0'), { code: 'ECONNREFUSED' });
    const handler = httpHandler(() => Promise.reject(failure));
    expect(await handler(request, contextWith(lines))).toMatchObject({ status: 503 });
    expect(lines).toEqual([
      'warning An HTTP request failed because storage is unavailable {"error":"Error","code":"ECONNREFUSED"}',
    ]);
  });

  test('logs a refusal by storage as an error with what to check, without its message', async () => {
    const lines: string[] = [];
    const failure = Object.assign(new Error('AccountKey=c2VjcmV0'), { statusCode: 403, code: 'AuthenticationFailed' });
    const handler = httpHandler(() => Promise.reject(failure));
    expect(await handler(request, contextWith(lines))).toMatchObject({ status: 503 });
    expect(lines).toEqual([
      expect.stringMatching(/^error The storage account refuses the app \{.*"status":403,"advice":"Check the roles/),
    ]);
    expect(lines[0]).not.toContain('c2VjcmV0');
  });

  test('sends problem details for an unexpected error, and logs it without its message', async () => {
    const lines: string[] = [];
    const broken = httpHandler(async () => {
      throw Object.assign(new Error('AccountKey=c2VjcmV0\nmore of it'), { code: 'EUNEXPECTED' });
    });
    expect(await broken(request, contextWith(lines))).toMatchObject({ status: 500 });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"code":"EUNEXPECTED"');
    expect(lines[0]).toContain('problemOf.test');
    expect(lines[0]).not.toContain('c2VjcmV0');
    expect(lines[0]).not.toContain('more of it');
  });
});
