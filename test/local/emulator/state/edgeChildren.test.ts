import { describe, expect, test } from '@jest/globals';
import type { HubClient } from '../hubClient.ts';
import { outcome } from '../outcome.ts';
import { withEmulator } from '../withEmulator.ts';

interface Identity {
  generationId: string;
  deviceScope?: string;
  parentScopes?: string[];
}

const edge = { capabilities: { iotEdge: true } };

async function put(client: HubClient, deviceId: string, more: object, ifMatch?: string): Promise<Identity> {
  const headers: Record<string, string> = ifMatch ? { 'if-match': ifMatch } : {};
  const reply = await client.send('PUT', `/devices/${deviceId}`, { body: { deviceId, ...more }, headers });
  expect(reply.status).toBe(200);
  return reply.body as Identity;
}

const read = async (client: HubClient, path: string) => (await client.send('GET', path)).body as Identity;

describe('The scope of a device', () => {
  describe('shape', () => {
    test('the scope of an Edge device contains its id and generation; other devices have none', async () => {
      await withEmulator({}, async (client) => {
        const gateway = await put(client, 'gateway', edge);
        expect(gateway.deviceScope).toBe(`ms-azure-iot-edge://gateway-${gateway.generationId}`);
        expect(gateway.parentScopes).toEqual([]);
        expect(await read(client, '/devices/gateway')).not.toHaveProperty('parentScopes');
        const plain = await put(client, 'plain', {});
        expect(plain).not.toHaveProperty('deviceScope');
        expect(plain.parentScopes).toEqual([]);
      });
    });
  });

  describe('validation', () => {
    test.each([
      [{ deviceScope: 1 }],
      [{ ...edge, parentScopes: 'ms-azure-iot-edge://gateway-1' }],
      [{ ...edge, parentScopes: ['ms-azure-iot-edge://a-1', 'ms-azure-iot-edge://b-1'] }],
    ])('a scope in another format is refused: %j', async (body) => {
      await withEmulator({}, async (client, { hub }) => {
        const reply = await client.send('PUT', '/devices/a', { body: { deviceId: 'a', ...body } });
        expect(outcome(reply)).toEqual([400, 'ArgumentInvalid']);
        expect(hub.device('a')).toBeUndefined();
      });
    });
  });

  describe('behaviour', () => {
    test('deviceScope makes a leaf device the child of an Edge device, in identity, twin and queries', async () => {
      await withEmulator({}, async (client) => {
        const { deviceScope = '' } = await put(client, 'gateway', edge);
        const scopes = { deviceScope, parentScopes: [deviceScope] };
        expect(await put(client, 'leaf', { deviceScope })).toMatchObject(scopes);
        expect(await read(client, '/devices/leaf')).toMatchObject(scopes);
        expect(await read(client, '/twins/leaf')).toMatchObject(scopes);
        const children = await client.query(
          `SELECT deviceId FROM devices WHERE deviceScope = '${deviceScope}' AND capabilities.iotEdge = false`,
        );
        expect(children.body).toEqual([{ deviceId: 'leaf' }]);
      });
    });

    test('parentScopes nests Edge devices, which keep their own scopes', async () => {
      await withEmulator({}, async (client) => {
        const { deviceScope: parent = '' } = await put(client, 'top', edge);
        const child = await put(client, 'child', { ...edge, parentScopes: [parent], deviceScope: parent });
        expect(child).toMatchObject({
          deviceScope: `ms-azure-iot-edge://child-${child.generationId}`,
          parentScopes: [parent],
        });
      });
    });

    test('an update without deviceScope removes it, and parentScopes alone does not make a leaf device a child', async () => {
      await withEmulator({}, async (client) => {
        const { deviceScope = '' } = await put(client, 'gateway', edge);
        await put(client, 'leaf', { deviceScope });
        await put(client, 'leaf', { parentScopes: [deviceScope] }, '*');
        const leaf = await read(client, '/devices/leaf');
        expect(leaf).not.toHaveProperty('deviceScope');
        expect(leaf).not.toHaveProperty('parentScopes');
      });
    });

    test('an Edge device has system modules without keys, managed by Edge', async () => {
      await withEmulator({}, async (client) => {
        await put(client, 'gateway', edge);
        const modules = (await client.send('GET', '/devices/gateway/modules')).body;
        const system = { managedBy: 'iotEdge', authentication: { type: 'none' } };
        expect(modules).toMatchObject([
          { moduleId: '$edgeAgent', ...system },
          { moduleId: '$edgeHub', ...system },
        ]);
      });
    });
  });
});
