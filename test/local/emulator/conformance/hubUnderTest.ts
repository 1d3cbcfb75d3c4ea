import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, jest } from '@jest/globals';
import type { PolicyName } from '../../../../local/emulator/auth/sasAuthorization.ts';
import { type Emulator, startEmulator } from '../../../../local/emulator/emulator.ts';
import { HubClient, type Reply, type Sending } from '../hubClient.ts';
import { isRemote, remoteConnectionString } from './remoteHub.ts';

/** The module that most tests create. */
export const agent = 'DefenderIotMicroAgent';

/** Time limit for the query index. Microsoft: queries may lag by seconds; the recordings show up to five. */
const indexLagMs = 120_000;
/** The wait that a 429 of a real hub requests. */
const throttleWaitMs = 10_000;
const mostThrottleWaits = 30;
const remoteTestTimeoutMs = 900_000;
const identitiesPerCall = 100;

/** The hub that a file of the suite tests; usable inside tests and hooks. */
export interface HubUnderTest {
  readonly connectionString: string;
  /** Connection string of another policy than iothubowner; emulator only, since a real hub does not return keys. */
  connectionStringOf(policy: PolicyName): string;
  send(method: string, path: string, sending?: Sending): Promise<Reply>;
  query(text: string, headers?: Record<string, string>): Promise<Reply>;
  /** The prefix of all ids of this run, so that queries can exclude other devices of the hub. */
  readonly prefix: string;
  /** An unused device id, cut to 128 characters; its device is deleted after the test. */
  newId(suffix?: string): string;
  /** Creates a device; returns its id. */
  makeDevice(more?: object): Promise<string>;
  /** Creates a module on a device; returns its id. */
  makeModule(deviceId: string, moduleId?: string, more?: object): Promise<string>;
  /** Repeats a read until the value is `good`: once on the emulator, until the index is up to date on a real hub. */
  eventually<Value>(read: () => Promise<Value>, good: (value: Value) => boolean): Promise<Value>;
}

/**
 * Registers hooks that connect to the hub before the tests of this file and delete its devices after them: the hub of
 * REMOTE_HUB_CONNECTION_STRING if that is set, else an emulator without throttles and without index delay.
 */
export function hubUnderTest(): HubUnderTest {
  const prefix = `conformance-${randomUUID().slice(0, 8)}-`;
  const ids: string[] = [];
  let givenIds = 0;
  let opened: { client: HubClient; connectionString: string; emulator: Emulator | undefined } | undefined;
  const open = () => {
    if (!opened) throw new Error('The hub is connected only while tests run');
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

  // After each test, so that a small hub does not become full.
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
      if (!emulator) throw new Error('A real hub does not return the keys of its other policies');
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

/** Some may be deleted already: a bulk delete reports that per identity, which is fine. */
async function removeDevices(ids: readonly string[], bulk: (body: object[]) => Promise<Reply>): Promise<void> {
  for (let at = 0; at < ids.length; at += identitiesPerCall) {
    const { status } = await bulk(ids.slice(at, at + identitiesPerCall).map((id) => ({ id, importMode: 'delete' })));
    if (status !== 200 && status !== 400) throw new Error(`Devices of this run could not be deleted: ${status}`);
  }
}
