import { describe, expect, test } from '@jest/globals';
import { type SeedOptions, seedDevices, specialDeviceIds } from '../../../../local/emulator/state/seedDevices.ts';
import { isDeviceId } from '../../../../shared/deviceKey.ts';
import { withEmulator } from '../withEmulator.ts';

const agent = 'DefenderIotMicroAgent';

async function seeded(options: SeedOptions) {
  const result: { devices: object[]; ids: string[]; count: (test: (device: Device) => boolean) => number } = {
    devices: [],
    ids: [],
    count: () => 0,
  };
  await withEmulator({ queryDelayMs: 3000, readableAfterMs: 3000 }, async (client, emulator) => {
    seedDevices(emulator.hub, options);
    const devices = [...emulator.hub.devices()];
    result.devices = devices.map(({ createdAtMs: _moment, ...rest }) => rest);
    result.ids = devices.map((device) => device.deviceId);
    result.count = (test) => devices.filter(test).length;
    const counted = await client.query('SELECT COUNT() AS n FROM devices');
    expect(counted.body).toEqual([{ n: options.count }]);
  });
  return result;
}

interface Device {
  deviceId: string;
  edge: boolean;
  status: string;
  authenticationType: string;
  moduleIds: string[];
}

describe('Seeding', () => {
  test('seeding creates the same devices each time, of every kind, most without the module', async () => {
    const first = await seeded({ count: 500 });
    const second = await seeded({ count: 500 });
    expect(second.devices).toEqual(first.devices);
    const { count } = first;
    expect(count((device) => !device.moduleIds.includes(agent))).toBeGreaterThan(400);
    for (const some of [
      count((device) => device.moduleIds.includes(agent)),
      count(
        (device) =>
          device.edge && ['$edgeAgent', '$edgeHub', 'tempSensor'].every((id) => device.moduleIds.includes(id)),
      ),
      count((device) => device.authenticationType === 'selfSigned'),
      count((device) => device.authenticationType === 'certificateAuthority'),
      count((device) => device.status === 'disabled'),
    ]) {
      expect(some).toBeGreaterThan(5);
    }
    expect(count((device) => device.edge && device.moduleIds.includes(agent))).toBe(0);
  });

  test.each([1, 2, 10, 500])('of %i devices the first ones have ids as people choose them', async (count) => {
    const { ids } = await seeded({ count });
    for (const id of ids.slice(0, Math.min(20, Math.ceil(count / 2)))) expect(id).toMatch(/^[a-z]+-[a-z]+-\d{3}$/);
    expect(ids.filter((id) => specialDeviceIds.includes(id))).toHaveLength(Math.min(10, Math.floor(count / 2)));
  });

  test('seeding uses valid ids, including the special ones by default', async () => {
    const { ids } = await seeded({ count: 40 });
    expect(ids.every(isDeviceId)).toBe(true);
    expect(ids).toEqual(expect.arrayContaining([...specialDeviceIds]));
    const plain = await seeded({ count: 40, specialIds: false });
    expect(plain.ids.every((id) => /^[a-z]+-[a-z]+-\d{3}$/.test(id))).toBe(true);
  });

  test('seeding omits kinds with share 0', async () => {
    const { count } = await seeded({ count: 300, mix: { disabled: 0, edge: 0, withModule: 1 } });
    expect(count((device) => device.status === 'disabled')).toBe(0);
    expect(count((device) => device.edge)).toBe(0);
    expect(count((device) => device.moduleIds.includes(agent))).toBe(300);
  });
});
