import { describe, expect, test } from '@jest/globals';
import { hubUnderTest } from './hubUnderTest.ts';
import { emulatorOnly, needs } from './remoteHub.ts';

const hub = hubUnderTest();

describe('GET /statistics/service', () => {
  test('returns the number of connected devices', async () => {
    const reply = await hub.send('GET', '/statistics/service');
    expect([reply.status, Object.keys(reply.body as object)]).toEqual([200, ['connectedDeviceCount']]);
    expect(Number.isInteger((reply.body as { connectedDeviceCount: unknown }).connectedDeviceCount)).toBe(true);
  });

  emulatorOnly(needs.wholeHub, 'counts none, as no device can connect', async () => {
    await hub.makeDevice();
    expect((await hub.send('GET', '/statistics/service')).body).toEqual({ connectedDeviceCount: 0 });
  });
});
