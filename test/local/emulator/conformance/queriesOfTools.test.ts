import { describe, expect, test } from '@jest/globals';
import { agent, hubUnderTest } from './hubUnderTest.ts';
import { queryRows, type Row } from './queryRows.ts';

const hub = hubUnderTest();
const rows = (text: string, count: number): Promise<Row[]> =>
  hub.eventually(
    () => queryRows(hub, text),
    (found) => found.length === count,
  );

/** Queries as Microsoft's own tools and their tests send them. */
describe('POST /devices/query, as tools send it', () => {
  test("devices. stands before a module's fields (az iot hub query, its help and test)", async () => {
    const [id, other] = [await hub.makeDevice(), await hub.makeDevice()];
    for (const deviceId of [id, other]) await hub.makeModule(deviceId);
    const found = await rows(`select * from devices.modules where devices.deviceId='${id}'`, 1);
    expect(found).toMatchObject([{ deviceId: id, moduleId: agent }]);
    expect(await rows(`select devices.moduleId from devices.modules where devices.deviceId = '${id}'`, 1)).toEqual([
      { moduleId: agent },
    ]);
  });

  test('array_contains finds the children of an Edge device (az iot hub device-identity children list)', async () => {
    const parent = await hub.makeDevice({ capabilities: { iotEdge: true } });
    const { deviceScope } = (await hub.send('GET', `/devices/${parent}`)).body as { deviceScope: string };
    const child = await hub.makeDevice({ deviceScope });
    await hub.makeDevice();
    const text = `select deviceId from devices where array_contains(parentScopes, '${deviceScope}')`;
    expect(await rows(text, 1)).toEqual([{ deviceId: child }]);
  });

  test('names of members and aliases may contain hyphens (QueryClientTests of the Java SDK)', async () => {
    const id = await hub.makeDevice();
    await hub.send('PATCH', `/twins/${id}`, { body: { properties: { desired: { 'Key-1a-2': 'v' } } } });
    const mine = `WHERE deviceId = '${id}' AND properties.desired.Key-1a-2 = 'v'`;
    const select = 'SELECT properties.desired.Key-1a-2 AS Key-1a-2, COUNT() AS numberOfDevices';
    const text = `${select} FROM devices ${mine} GROUP BY properties.desired.Key-1a-2`;
    expect(await rows(text, 1)).toEqual([{ 'Key-1a-2': 'v', numberOfDevices: 1 }]);
  });

  test('an alias keeps its spelling (list of devices of Azure IoT explorer)', async () => {
    const id = await hub.makeDevice();
    const text = `
    SELECT deviceId as DeviceId,
    status as Status,
    lastActivityTime as LastActivityTime,
    statusUpdatedTime as StatusUpdatedTime,
    authenticationType as AuthenticationType,
    cloudToDeviceMessageCount as CloudToDeviceMessageCount,
    connectionState as ConnectionState,
    capabilities.iotEdge as IotEdge,
    modelId as ModelId
    FROM devices WHERE STARTSWITH(devices.deviceId, '${id}')`;
    expect(await rows(text, 1)).toMatchObject([
      { DeviceId: id, Status: 'enabled', AuthenticationType: 'sas', CloudToDeviceMessageCount: 0, IotEdge: false },
    ]);
  });
});
