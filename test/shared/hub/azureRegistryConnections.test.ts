import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { expectOfEveryCall } from './everyCall.ts';
import { json, ScriptedHub } from './scriptedHub.ts';

const hub = new ScriptedHub();
let call: ReturnType<ScriptedHub['caller']>;
beforeAll(async () => {
  await hub.start();
  call = hub.caller();
});
afterAll(() => hub.close());

describe('a broken connection', () => {
  test.each<[string, (response: ServerResponse) => unknown, object]>([
    ['a reset before the response', (response) => response.socket?.destroy(), { code: 'ECONNRESET' }],
    [
      'a reset within the body',
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('[{"deviceId"', () => response.socket?.destroy());
      },
      { code: 'ECONNRESET' },
    ],
    ['a response that is not HTTP', (response) => response.socket?.end('hello\r\n\r\n'), {}],
  ])('%s makes the call throw unavailable', async (_name, response, error) => {
    hub.respond = response;
    await expectOfEveryCall({ kind: 'unavailable', ...error }, call);
  });

  test.each<[string, (response: ServerResponse) => unknown]>([
    ['does not respond', () => undefined],
    [
      'stops responding within the body',
      (response) => response.writeHead(200, { 'content-type': 'application/json' }).write('[{"deviceId"'),
    ],
  ])('a hub that %s makes the call throw after the idle timeout', async (_name, response) => {
    hub.respond = response;
    const withShortTimeout = hub.caller({ idleTimeoutMs: 150 });
    await expectOfEveryCall({ kind: 'unavailable', code: 'ETIMEDOUT' }, withShortTimeout);
    hub.respond = json(200, { totalDeviceCount: 7 });
    let next = await withShortTimeout('countDevices');
    // On a busy machine a response may take longer than that idle timeout.
    for (let again = 0; again < 100 && next.error?.code === 'ETIMEDOUT'; again++)
      next = await withShortTimeout('countDevices');
    expect(next).toMatchObject({ result: 7 });
  });

  test('a refused connection makes the call throw unavailable', async () => {
    const nowhere = hub.caller({ hostName: 'localhost:1' });
    expect(await nowhere('countDevices')).toMatchObject({
      error: { isHubError: true, kind: 'unavailable', code: 'ECONNREFUSED' },
      leaks: [],
    });
  });
});

describe('connections to the hub', () => {
  test('connections are kept alive: sequential calls share one connection', async () => {
    const caller = hub.caller();
    hub.respond = json(200, { totalDeviceCount: 7 });
    const before = hub.requests.length;
    for (let count = 0; count < 10; count++) expect(await caller('countDevices')).toMatchObject({ result: 7 });
    const used = hub.requests.slice(before).map(({ connection }) => connection);
    expect(new Set(used).size).toBe(1);
  });

  test('a connection is replaced after a reset', async () => {
    hub.respond = (response) => response.socket?.destroy();
    expect(await call('countDevices')).toMatchObject({ error: { kind: 'unavailable' } });
    hub.respond = json(200, { totalDeviceCount: 8 });
    expect(await call('countDevices')).toMatchObject({ result: 8 });
  });
});

test('a failed credential is requested again by the next call', async () => {
  const entra = hub.caller({ entra: true, credentialFailures: 1 });
  hub.respond = json(200, { totalDeviceCount: 9 });
  expect(await entra('countDevices')).toMatchObject({
    error: { isHubError: true, kind: 'unauthorized', code: 'NoToken' },
  });
  expect(await entra('countDevices')).toMatchObject({ result: 9 });
});
