import { describe, expect, test } from '@jest/globals';
import type { PolicyName } from '../../../../local/emulator/auth/sasAuthorization.ts';
import { sasToken } from '../hubClient.ts';
import { badTokens } from './badTokens.ts';
import { hubUnderTest } from './hubUnderTest.ts';
import { operations, type Right } from './operations.ts';
import { expectRefusal } from './refusal.ts';
import { emulatorOnly, needs } from './remoteHub.ts';

const hub = hubUnderTest();

/** Microsoft: "Control access to IoT Hub by using shared access signatures". */
const policies: readonly (readonly [name: PolicyName, rights: readonly Right[]])[] = [
  ['iothubowner', ['RegistryRead', 'RegistryWrite', 'ServiceConnect', 'DeviceConnect']],
  ['service', ['ServiceConnect']],
  ['device', ['DeviceConnect']],
  ['registryRead', ['RegistryRead']],
  ['registryReadWrite', ['RegistryRead', 'RegistryWrite']],
];

describe.each(operations)('$name', (operation) => {
  test.each(badTokens)('refuses $what, and the response repeats nothing of it', async ({ make }) => {
    const { method, path, ...sending } = await operation.prepare(hub);
    const authorization = make(hub.connectionString);
    const reply = await hub.send(method, path, { ...sending, authorization });
    expectRefusal(reply, 401, 'IotHubUnauthorizedAccess');
    const signature = /sig=([^&]+)/.exec(authorization)?.[1];
    const responseText = JSON.stringify([reply.body, reply.headers]);
    if (signature) expect(responseText.includes(signature)).toBe(false);
    expect((await hub.send(method, path, sending)).status).toBeLessThan(300); // nothing was done before
  });

  for (const [policy, rights] of policies) {
    const may = rights.includes(operation.right);
    emulatorOnly(needs.keys, `${operation.name} is ${may ? 'open' : 'closed'} to ${policy}`, async () => {
      const { method, path, ...sending } = await operation.prepare(hub);
      const authorization = sasToken(hub.connectionStringOf(policy));
      const reply = await hub.send(method, path, { ...sending, authorization });
      if (may) expect(reply.status).toBeLessThan(300);
      else expectRefusal(reply, 401, 'IotHubUnauthorizedAccess');
    });
  }

  test.each([
    ...['2016-02-03', '2017-06-30', '2018-06-30', '2018-09-01-preview', '2019-03-30', '2019-10-01'],
    ...['2020-03-13', '2021-04-12', '2024-03-31', '2026-11-01-preview'],
  ])('accepts api-version %s', async (apiVersion) => {
    const { method, path, ...sending } = await operation.prepare(hub);
    expect((await hub.send(method, path, { ...sending, apiVersion })).status).toBeLessThan(300);
  });

  test.each(['', '1999-01-01', 'latest'])(
    'returns 400 for api-version "%s" and changes nothing',
    async (apiVersion) => {
      const { method, path, ...sending } = await operation.prepare(hub);
      expectRefusal(await hub.send(method, path, { ...sending, apiVersion }), 400, 'ArgumentInvalid');
      expect((await hub.send(method, path, sending)).status).toBeLessThan(300);
    },
  );
});

describe('A good SAS token', () => {
  test('a SAS token may cover a part of the hub, with the host name in any case', async () => {
    const id = await hub.makeDevice();
    const host = /HostName=([^;]+)/.exec(hub.connectionString)?.[1] ?? '';
    for (const [scope, status] of [
      [host.toUpperCase(), 200],
      [`${host}/`, 200],
      [`${host}/devices`, 200],
      [`${host}/devices/${id}`, 200],
      [`${host}/devices/${id.slice(0, -1)}`, 401],
      [`${host}/devices/${id}/modules`, 401],
      [`${host}/twins`, 401],
    ] as const) {
      const authorization = sasToken(hub.connectionString, { scope });
      expect([scope, (await hub.send('GET', `/devices/${id}`, { authorization })).status]).toEqual([scope, status]);
    }
  });
});
