import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { creation, expectOfEveryCall, pair } from './everyCall.ts';
import { json, ScriptedHub, sharedKey, text } from './scriptedHub.ts';
import { agent } from './wireWords.ts';

const trackingId = 'e5a5e5f1b2c34d6f8a9b0c1d2e3f4a5b';

const hub = new ScriptedHub();
let call: ReturnType<ScriptedHub['caller']>;
beforeAll(async () => {
  await hub.start();
  call = hub.caller();
});
afterAll(() => hub.close());

describe('a refusal by the hub', () => {
  test.each([
    [401, 'IotHubUnauthorizedAccess', 'unauthorized'],
    [403, 'IotHubQuotaExceeded', 'dailyQuota'],
    [403, 'GenericForbidden', 'forbidden'],
    [404, 'IotHubFailingOver', 'unavailable'],
    [412, 'PreconditionFailed', 'etagMismatch'],
    [413, 'TooManyModulesOnDevice', 'tooManyModules'],
    [429, 'ThrottlingBacklogTimeout', 'throttled'],
    [500, 'ServerError', 'unavailable'],
    [503, 'ServerBusy', 'unavailable'],
  ])('%i %s makes every call throw HubError, with the tracking id and without a secret', async (...row) => {
    const [status, code, kind] = row;
    const body = {
      Message: `ErrorCode:${code};Key ${sharedKey} is not wanted.`,
      ExceptionMessage: `Tracking ID:${trackingId}-G:0-TimeStamp:10/12/2021 07:18:02`,
    };
    hub.respond = json(status, body, { 'iothub-errorcode': code });
    await expectOfEveryCall({ kind, status, code, trackingId }, call);
  });

  test('without a JSON body is classified by its status', async () => {
    hub.respond = text(502, '<html>Bad gateway</html>', { 'content-type': 'text/html' });
    await expectOfEveryCall({ kind: 'unavailable', status: 502 }, call);
    hub.respond = text(401, '');
    await expectOfEveryCall({ kind: 'unauthorized', status: 401 }, call);
  });

  test('with DeviceNotFound throws deviceNotFound, or returns false from hasModule', async () => {
    hub.respond = text(404, '', { 'iothub-errorcode': 'DeviceNotFound' });
    expect(await call('getDevice', 'a')).toMatchObject({ error: { kind: 'deviceNotFound' } });
    expect(await call('createModule', creation)).toMatchObject({ error: { kind: 'deviceNotFound' } });
    expect(await call('hasModule', creation)).toMatchObject({ result: false });
  });

  test('the create of an existing module returns exists, for the body that was observed on a live hub', async () => {
    const message = "Device a'b in IotHub contoso already contains Module DefenderIotMicroAgent.";
    hub.respond = json(409, { errorCode: 409301, message, trackingId, timestampUtc: '2026-08-15T10:00:00Z' });
    expect(await call('createModule', creation)).toMatchObject({ result: 'exists', leaks: [] });
    const withTwin = { ...creation, twin: { desired: { rate: 5 } } };
    expect(await call('createModule', withTwin)).toMatchObject({ result: 'exists' });
    // Of a bulk call as a whole it does not say which: the caller looks up all, and none counts as created.
    expect(await call('createModules', pair)).toMatchObject({ error: { kind: 'moduleExists' }, leaks: [] });
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

  test('returns its verdicts', async () => {
    hub.respond = refuse(errorOf("a'b", 'ModuleAlreadyExistsOnDevice'), errorOf('50%_#1?', 'DeviceNotFound'));
    expect(await call('createModules', pair)).toMatchObject({
      result: ['exists', { refused: 'deviceNotFound', code: 'DeviceNotFound' }],
      leaks: [],
    });
  });

  test('returns unknown for identities that it does not list', async () => {
    hub.respond = refuse(errorOf('50%_#1?', 'DeviceNotFound'));
    expect(await call('createModules', pair)).toMatchObject({ result: ['unknown', { refused: 'deviceNotFound' }] });
  });

  test('throws for a single create with a twin seed', async () => {
    const withTwin = { ...creation, twin: { tags: { a: 1 } } };
    hub.respond = refuse(errorOf("a'b", 'TooManyModulesOnDevice'));
    expect(await call('createModule', withTwin)).toMatchObject({
      error: { isHubError: true, kind: 'tooManyModules', code: 'TooManyModulesOnDevice' },
    });
    hub.respond = refuse();
    expect(await call('createModule', withTwin)).toMatchObject({ error: { kind: 'unavailable', code: 'NoVerdict' } });
    hub.respond = refuse(errorOf("a'b", 'ModuleAlreadyExistsOnDevice'));
    expect(await call('createModule', withTwin)).toMatchObject({ result: 'exists' });
  });

  test('throws if its body holds no verdicts', async () => {
    hub.respond = json(400, { Message: 'ErrorCode:ArgumentInvalid;BadRequest', ExceptionMessage: '' });
    expect(await call('createModules', pair)).toMatchObject({ error: { kind: 'invalid', code: 'ArgumentInvalid' } });
  });
});

test('a redirect to a login page makes every call throw unavailable', async () => {
  hub.respond = text(302, '<html>Log in</html>', { location: 'https://login.example/', 'content-type': 'text/html' });
  await expectOfEveryCall({ kind: 'unavailable', status: 302 }, call);
});

describe('a response with status 200', () => {
  test.each([
    ['without a body', text(200, '')],
    ['that breaks off within its JSON', text(200, '[{"deviceId":"a","mod')],
    ['of a proxy', text(200, '<html>Welcome</html>', { 'content-type': 'text/html' })],
    ['that is null', json(200, null)],
    ['of another shape', json(200, { hello: 'world' })],
  ])('%s makes the call throw unavailable', async (_name, response) => {
    hub.respond = response;
    await expectOfEveryCall({ kind: 'unavailable' }, call);
  });

  test('to a bulk call without isSuccessful makes it throw', async () => {
    hub.respond = json(200, { isSuccessful: false, errors: [], warnings: [] });
    expect(await call('createModules', pair)).toMatchObject({ error: { kind: 'unavailable', code: 'NotSuccessful' } });
  });
});
