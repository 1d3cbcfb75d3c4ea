import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ProbeMethod } from './azureRegistryProbe.ts';
import { json, ScriptedHub, sharedKey, text } from './scriptedHub.ts';

const agent = 'DefenderIotMicroAgent';
const creation = { deviceId: "a'b", moduleId: agent, authentication: 'sas' };
const pair = [creation, { ...creation, deviceId: '50%_#1?' }];
const calls: [ProbeMethod, ...unknown[]][] = [
  ['getDevice', 'a'],
  ['hasModule', creation],
  ['createModule', creation],
  ['createModules', pair],
  ['listDevices', { withTags: true, maxRows: 100 }],
  ['findModules', { text: 'SELECT deviceId, moduleId FROM devices.modules' }],
  ['countDevices'],
];
const trackingId = 'e5a5e5f1b2c34d6f8a9b0c1d2e3f4a5b';

const hub = new ScriptedHub();
let call: ReturnType<ScriptedHub['caller']>;
beforeAll(async () => {
  await hub.start();
  call = hub.caller();
}, 30_000);
afterAll(() => hub.close());

/** Makes every call of the registry, and expects the same error of all. */
async function expectOfAll(error: object, caller = call): Promise<void> {
  for (const [method, ...args] of calls) {
    const answer = await caller(method, ...args);
    expect(answer).toMatchObject({ error: { isHubError: true, ...error }, leaks: [] });
    expect(answer).not.toHaveProperty('result');
  }
}

describe('a refusal', () => {
  test.each([
    [401, 'IotHubUnauthorizedAccess', 'unauthorized'],
    [403, 'IotHubQuotaExceeded', 'dailyQuota'],
    [403, 'GenericForbidden', 'forbidden'],
    [404, 'IotHubFailingOver', 'unavailable'],
    [412, 'PreconditionFailed', 'invalid'],
    [413, 'TooManyModulesOnDevice', 'tooManyModules'],
    [429, 'ThrottlingBacklogTimeout', 'throttled'],
    [500, 'ServerError', 'unavailable'],
    [503, 'ServerBusy', 'unavailable'],
  ])('%i %s comes out of every call as our own error, with the tracking id and without a secret', async (...row) => {
    const [status, code, kind] = row;
    const body = {
      Message: `ErrorCode:${code};Key ${sharedKey} is not wanted.`,
      ExceptionMessage: `Tracking ID:${trackingId}-G:0-TimeStamp:10/12/2021 07:18:02`,
    };
    hub.answer = json(status, body, { 'iothub-errorcode': code });
    await expectOfAll({ kind, status, code, trackingId });
  });

  test('with a body that is no JSON, or none, is judged by its status', async () => {
    hub.answer = text(502, '<html>Bad gateway</html>', { 'content-type': 'text/html' });
    await expectOfAll({ kind: 'unavailable', status: 502 });
    hub.answer = text(401, '');
    await expectOfAll({ kind: 'unauthorized', status: 401 });
  });

  test('of a device that is missing is a fact about the device', async () => {
    hub.answer = text(404, '', { 'iothub-errorcode': 'DeviceNotFound' });
    expect(await call('getDevice', 'a')).toMatchObject({ error: { kind: 'deviceNotFound' } });
    expect(await call('createModule', creation)).toMatchObject({ error: { kind: 'deviceNotFound' } });
    expect(await call('hasModule', creation)).toMatchObject({ result: false });
  });

  test('of a module that exists is the answer "exists", in the shape that a live hub was seen to send', async () => {
    const message = "Device a'b in IotHub contoso already contains Module DefenderIotMicroAgent.";
    hub.answer = json(409, { errorCode: 409301, message, trackingId, timestampUtc: '2026-08-15T10:00:00Z' });
    expect(await call('createModule', creation)).toMatchObject({ result: 'exists', leaks: [] });
    const withTwin = { ...creation, twin: { desired: { rate: 5 } } };
    expect(await call('createModule', withTwin)).toMatchObject({ result: 'exists' });
    // Of a bulk call as a whole it does not say which.
    expect(await call('createModules', pair)).toMatchObject({ result: ['unknown', 'unknown'] });
  });
});

describe('a bulk call that is refused with 400', () => {
  const refuse = (...errors: object[]) => json(400, { isSuccessful: false, errors, warnings: [] });
  const errorOf = (deviceId: string, errorCode: string) => ({
    deviceId,
    moduleId: agent,
    errorCode,
    errorStatus: 'No.',
  });

  test('is its verdicts', async () => {
    hub.answer = refuse(errorOf("a'b", 'ModuleAlreadyExistsOnDevice'), errorOf('50%_#1?', 'DeviceNotFound'));
    expect(await call('createModules', pair)).toMatchObject({
      result: ['exists', { refused: 'deviceNotFound', code: 'DeviceNotFound' }],
      leaks: [],
    });
  });

  test('leaves open what it does not list', async () => {
    hub.answer = refuse(errorOf('50%_#1?', 'DeviceNotFound'));
    expect(await call('createModules', pair)).toMatchObject({ result: ['unknown', { refused: 'deviceNotFound' }] });
  });

  test('is an error for the one module that was to have a twin', async () => {
    const withTwin = { ...creation, twin: { tags: { a: 1 } } };
    hub.answer = refuse(errorOf("a'b", 'TooManyModulesOnDevice'));
    expect(await call('createModule', withTwin)).toMatchObject({
      error: { isHubError: true, kind: 'tooManyModules', code: 'TooManyModulesOnDevice' },
    });
    hub.answer = refuse();
    expect(await call('createModule', withTwin)).toMatchObject({ error: { kind: 'unavailable', code: 'NoVerdict' } });
    hub.answer = refuse(errorOf("a'b", 'ModuleAlreadyExistsOnDevice'));
    expect(await call('createModule', withTwin)).toMatchObject({ result: 'exists' });
  });

  test('is an error as a whole where its body holds no verdicts', async () => {
    hub.answer = json(400, { Message: 'ErrorCode:ArgumentInvalid;BadRequest', ExceptionMessage: '' });
    expect(await call('createModules', pair)).toMatchObject({ error: { kind: 'invalid', code: 'ArgumentInvalid' } });
  });
});

describe('an answer of 200', () => {
  test.each([
    ['without a body', text(200, '')],
    ['that breaks off within its JSON', text(200, '[{"deviceId":"a","mod')],
    ['of a proxy', text(200, '<html>Welcome</html>', { 'content-type': 'text/html' })],
    ['that is null', json(200, null)],
    ['of another shape', json(200, { hello: 'world' })],
  ])('%s is the hub being unavailable, and no success', async (_name, answer) => {
    hub.answer = answer;
    await expectOfAll({ kind: 'unavailable' });
  });

  test('to a bulk call is no success unless it says so', async () => {
    hub.answer = json(200, { isSuccessful: false, errors: [], warnings: [] });
    expect(await call('createModules', pair)).toMatchObject({ error: { kind: 'unavailable', code: 'NotSuccessful' } });
  });
});

describe('a broken connection', () => {
  test.each<[string, (response: ServerResponse) => unknown, object]>([
    ['a reset before any answer', (response) => response.socket?.destroy(), { code: 'ECONNRESET' }],
    [
      'a reset within the body',
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('[{"deviceId"', () => response.socket?.destroy());
      },
      { code: 'ECONNRESET' },
    ],
    ['an answer that is no HTTP', (response) => response.socket?.end('hello\r\n\r\n'), {}],
  ])('%s is the hub being unavailable', async (_name, answer, error) => {
    hub.answer = answer;
    await expectOfAll({ kind: 'unavailable', ...error });
  });

  test.each<[string, (response: ServerResponse) => unknown]>([
    ['says nothing', () => undefined],
    [
      'falls silent within the body',
      (response) => response.writeHead(200, { 'content-type': 'application/json' }).write('[{"deviceId"'),
    ],
  ])(
    'a hub that %s is given up after the silence that we allow',
    async (_name, answer) => {
      hub.answer = answer;
      const impatient = hub.caller({ silenceTimeoutMs: 150 });
      await expectOfAll({ kind: 'unavailable', code: 'ETIMEDOUT' }, impatient);
      hub.answer = json(200, { totalDeviceCount: 7 });
      expect(await impatient('countDevices')).toMatchObject({ result: 7 });
    },
    20_000,
  );

  test('nobody listening is the hub being unavailable', async () => {
    const nowhere = hub.caller({ hostName: 'localhost:1' });
    expect(await nowhere('countDevices')).toMatchObject({
      error: { isHubError: true, kind: 'unavailable', code: 'ECONNREFUSED' },
      leaks: [],
    });
  });
});

describe('connections', () => {
  test('are kept: calls one after the other share one', async () => {
    const caller = hub.caller();
    hub.answer = json(200, { totalDeviceCount: 7 });
    const before = hub.requests.length;
    for (let count = 0; count < 10; count++) expect(await caller('countDevices')).toMatchObject({ result: 7 });
    const used = hub.requests.slice(before).map(({ connection }) => connection);
    expect(new Set(used).size).toBe(1);
  });

  test('are made anew after one broke', async () => {
    hub.answer = (response) => response.socket?.destroy();
    expect(await call('countDevices')).toMatchObject({ error: { kind: 'unavailable' } });
    hub.answer = json(200, { totalDeviceCount: 8 });
    expect(await call('countDevices')).toMatchObject({ result: 8 });
  });
});

test('a credential that could not be had is asked for again by the next call', async () => {
  const entra = hub.caller({ entra: true, credentialFailures: 1 });
  hub.answer = json(200, { totalDeviceCount: 9 });
  expect(await entra('countDevices')).toMatchObject({
    error: { isHubError: true, kind: 'unavailable', code: 'CredentialUnavailableError' },
  });
  expect(await entra('countDevices')).toMatchObject({ result: 9 });
});
