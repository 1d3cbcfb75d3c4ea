import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, jest } from '@jest/globals';
import type { PolicyName } from '../../../../local/emulator/auth/sasAuthorization.ts';
import { type Emulator, startEmulator } from '../../../../local/emulator/emulator.ts';
import { HubClient, type Reply, type Sending } from '../hubClient.ts';
import { isRemote, remoteConnectionString } from './remoteHub.ts';

/** The module that most tests make. */
export const agent = 'DefenderIotMicroAgent';

/** Microsoft: a query may lag by seconds; the recordings show up to five. Real time, so only a real hub uses it up. */
const indexLagMs = 120_000;
/** What a 429 of a real hub asks for. */
const throttleWaitMs = 10_000;
const mostThrottleWaits = 30;
const remoteTestTimeoutMs = 900_000;
const identitiesPerCall = 100;

/** The hub that a file of the suite talks to; usable inside tests and their hooks. */
export interface HubUnderTest {
  readonly connectionString: string;
  /** Of another policy than iothubowner; the emulator's only, since a real hub does not tell. */
  connectionStringOf(policy: PolicyName): string;
  send(method: string, path: string, sending?: Sending): Promise<Reply>;
  query(text: string, headers?: Record<string, string>): Promise<Reply>;
  /** Begins all ids of this run, so that queries can leave out what others have on the hub. */
  readonly prefix: string;
  /** A device id that nobody used before, cut to 128 characters; its device is removed after the test. */
  newId(suffix?: string): string;
  /** Makes a device and answers its id. */
  makeDevice(more?: object): Promise<string>;
  /** Makes a module on a device and answers its id. */
  makeModule(deviceId: string, moduleId?: string, more?: object): Promise<string>;
  /** Reads until the value is `good`: at once on the emulator, as late as its index on a real hub. */
  eventually<Value>(read: () => Promise<Value>, good: (value: Value) => boolean): Promise<Value>;
}

/**
 * Registers the hooks that open the hub before the tests of this file and clean it up after them. It is the hub of
 * REMOTE_HUB_CONNECTION_STRING if that is set, else an emulator that nothing holds back and whose index is up to date.
 */
export function hubUnderTest(): HubUnderTest {
  const prefix = `conformance-${randomUUID().slice(0, 8)}-`;
  const ids: string[] = [];
  let givenIds = 0;
  let opened: { client: HubClient; connectionString: string; emulator: Emulator | undefined } | undefined;
  const open = () => {
    if (!opened) throw new Error('The hub is open only while tests run');
    return opened;
  };
  if (isRemote) jest.setTimeout(remoteTestTimeoutMs);

  beforeAll(async () => {
    const emulator = isRemote
      ? undefined
      : await startEmulator({ name: 'contoso', throttling: false, queryDelayMs: 0 });
    const connectionString = emulator?.connectionString ?? remoteConnectionString;
    opened = { client: new HubClient(emulator ?? { connectionString }), connectionString, emulator };
  });

  const cleanUp = () => removeDevices(ids.splice(0), (body) => send('POST', '/devices', { body }));

  // As it goes, so that a small hub does not fill up.
  afterEach(async () => {
    if (isRemote && ids.length >= identitiesPerCall) await cleanUp();
  });

  afterAll(async () => {
    const { client, emulator } = open();
    if (!emulator) await cleanUp();
    client.close();
    await emulator?.close();
  });

  const send = async (method: string, path: string, sending: Sending = {}): Promise<Reply> => {
    const { client } = open();
    for (let waits = 0; ; waits += 1) {
      const reply = await client.send(method, path, sending);
      if (!isRemote || reply.status !== 429 || waits === mostThrottleWaits) return reply;
      await delay(throttleWaitMs);
    }
  };
  const newId = (suffix = ''): string => {
    const id = `${prefix}${String(givenIds).padStart(7, '0')}${suffix}`.slice(0, 128);
    givenIds += 1;
    ids.push(id);
    return id;
  };
  return {
    prefix,
    get connectionString() {
      return open().connectionString;
    },
    connectionStringOf: (policy) => {
      const { emulator } = open();
      if (!emulator) throw new Error('A real hub does not tell the keys of its other policies');
      return emulator.connectionStringOf(policy);
    },
    send,
    query: (text, headers = {}) => send('POST', '/devices/query', { body: { query: text }, headers }),
    newId,
    makeDevice: async (more = {}) => {
      const deviceId = newId();
      const reply = await send('PUT', `/devices/${deviceId}`, { body: { deviceId, ...more } });
      expect(reply.status).toBe(200);
      return deviceId;
    },
    makeModule: async (deviceId, moduleId = agent, more = {}) => {
      const body = { deviceId, moduleId, ...more };
      expect((await send('PUT', `/devices/${deviceId}/modules/${moduleId}`, { body })).status).toBe(200);
      return moduleId;
    },
    eventually: async (read, good) => {
      const deadlineMs = Date.now() + (isRemote ? indexLagMs : 0);
      for (;;) {
        const value = await read();
        if (good(value) || Date.now() >= deadlineMs) return value;
        await delay(1000);
      }
    },
  };
}

/** Some may be gone already: a bulk delete says so per identity, which is as good. */
async function removeDevices(ids: readonly string[], bulk: (body: object[]) => Promise<Reply>): Promise<void> {
  for (let at = 0; at < ids.length; at += identitiesPerCall) {
    const { status } = await bulk(ids.slice(at, at + identitiesPerCall).map((id) => ({ id, importMode: 'delete' })));
    if (status !== 200 && status !== 400) throw new Error(`The hub keeps devices of this run: ${status}`);
  }
}
