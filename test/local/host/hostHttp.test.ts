import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Azurite, startAzurite } from '../../../local/azurite/startAzurite.ts';
import { startSubscription } from '../../../local/eventGrid/startSubscription.ts';
import type { HostProcess } from '../../../local/host/hostProcess.ts';
import { systemClock } from '../../../shared/clock.ts';
import { deviceCreatedSample } from '../eventGrid/deviceCreatedSample.ts';
import { bundle, eventually, fixtureSource, readRecords, startFixture, temporaryFolder } from './fixture.ts';
import { logged } from './logged.ts';

let azurite: Azurite;
let folder: string;
beforeAll(async () => {
  [azurite, folder] = await Promise.all([startAzurite(), temporaryFolder()]);
});
afterAll(async () => {
  await azurite?.close();
  if (folder) await rm(folder, { recursive: true });
});

describe.each([
  ['TypeScript source', 'from-source'],
  ['a CommonJS bundle', 'from-bundle'],
])('an app from %s', (kind, queueName) => {
  let host: HostProcess;
  beforeAll(async () => {
    const app = kind === 'TypeScript source' ? fixtureSource : await bundle(fixtureSource, folder);
    host = await startFixture(azurite.connectionString, queueName, { app });
  });
  afterAll(() => host?.close());

  const call = (path: string, init?: RequestInit) => fetch(`${host.url}${path}`, init);

  test('the ready host lists its functions without the one in error', async () => {
    expect(host.functions).toContain('work');
    expect(host.functions).not.toContain('badTimer');
    await logged(host, "The 'badTimer' function is in error: '%NOT_SET%' does not resolve to a value");
  });

  test('the handler gets the whole request, and the response contains all that it returns', async () => {
    const response = await call('/api/echo/50%25_%23%253F/b?x=1&x=2&y=%26', {
      method: 'PUT',
      headers: { 'x-test': 'a header' },
      body: 'a body with ü',
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('x-method')).toBe('PUT');
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({
      url: `${host.url}/api/echo/50%25_%23%253F/b?x=1&x=2&y=%26`,
      params: { first: '50%_#%3F', second: 'b' },
      query: { x: '1,2', y: '&' },
      header: 'a header',
      body: 'a body with ü',
    });
  });

  test('a literal route is preferred, and the parameter route serves other methods', async () => {
    expect(await (await call('/api/echo/literal', { method: 'PUT' })).text()).toBe('literal');
    expect(await (await call('/api/echo/literal', { method: 'POST' })).json()).toMatchObject({
      params: { first: 'literal' },
    });
  });

  test('a response may contain bytes and cookies', async () => {
    const response = await call('/api/bytes');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([0, 255, 128]));
    expect(response.headers.getSetCookie()).toEqual([
      'a=b%20c; max-age=60; path=/; secure; samesite=Lax; httponly',
      'd=e',
    ]);
    const empty = await call('/api/nothing');
    expect(empty.status).toBe(204);
  });

  test.each([
    ['GET', '/api/none'],
    ['GET', '/records'],
    ['DELETE', '/api/records'],
    ['GET', '/api/echo/a'],
    ['GET', '/runtime/webhooks/other?functionName=onEvent'],
  ])('the host returns 404 for %s %s', async (method, path) => {
    expect((await call(path, { method })).status).toBe(404);
  });

  test('a handler that throws gets an empty 500, and the log contains the error', async () => {
    const response = await call('/api/fail');
    expect([response.status, await response.text()]).toEqual([500, '']);
    await logged(host, 'told to fail');
  });

  test('hooks may change inputs, result, error and log lines', async () => {
    expect(await (await call('/api/hooked')).json()).toEqual({
      result: null,
      error: 'Error: got input of the hook',
      hookData: { startedBy: 'hooked' },
    });
    await call('/api/echo/a', { method: 'PUT' });
    const line = host
      .logs()
      .split('\n')
      .find((text) => text.includes('changed by the log hook in echo'));
    expect(JSON.parse(line ?? '')).toMatchObject({ level: 'information', category: 'user', functionName: 'echo' });
    expect(host.logs()).not.toContain('"log me"');
  });

  test('the host receives the events of a subscription in both schemas', async () => {
    for (const schema of ['EventGridSchema', 'CloudEventSchemaV1_0'] as const) {
      const endpoint = `${host.url}/runtime/webhooks/EventGrid?functionName=onEvent`;
      const subscription = startSubscription({ endpoint, schema, clock: systemClock, random: Math.random });
      subscription.publish(deviceCreatedSample(schema));
      await subscription.idle();
      await subscription.close();
      expect(subscription).toMatchObject({ delivered: 1, deadLetters: [] });
    }
    const seen = (await readRecords(host, 'onEvent'))
      .filter(({ phase }) => phase === 'ended')
      .map(({ event }) => event);
    expect(seen).toMatchObject([
      { eventType: 'Microsoft.Devices.DeviceCreated', data: { deviceId: 'EventGridSchema' } },
      { type: 'Microsoft.Devices.DeviceCreated', specversion: '1.0', data: { deviceId: 'CloudEventSchemaV1_0' } },
    ]);
    expect(seen[0]).toEqual(deviceCreatedSample('EventGridSchema'));
  });

  test('timers run on schedule, and a manual run gets the schedule status', async () => {
    await eventually(async () => ((await readRecords(host, 'everySecond')).length >= 2 ? true : undefined));
    expect(await readRecords(host, 'nightly')).toEqual([]);
    const response = await call('/admin/functions/nightly', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"input":"ignored"}',
    });
    expect([response.status, await response.text()]).toEqual([202, '']);
    const [run] = await eventually(async () => {
      const runs = await readRecords(host, 'nightly');
      return runs.length > 0 ? runs : undefined;
    });
    expect(run?.timer).toMatchObject({
      isPastDue: false,
      scheduleStatus: { next: expect.stringContaining('T02:00:00') },
    });
  });
});
