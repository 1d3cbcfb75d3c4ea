import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readDeviceCreated } from '../../../shared/intake/readDeviceCreated.ts';
import { deviceCreatedSample } from '../../local/eventGrid/deviceCreatedSample.ts';
import { legalId } from '../hub/legalId.ts';

const hubs = new Map([['egtesthub1', {}]]);
const read = (event: unknown) => readDeviceCreated(event, hubs);

/** The same event as a CloudEvent, as Event Grid maps it. */
function cloudEvent(event = deviceCreatedSample()): Record<string, unknown> {
  const { id, topic, subject, eventType, eventTime, data } = event;
  return { specversion: '1.0', id, source: topic, subject, type: eventType, time: eventTime, data };
}

function withData(changes: object): unknown {
  const event = deviceCreatedSample();
  return { ...event, data: { ...(event.data as object), ...changes } };
}

const key = { hub: 'egtesthub1', deviceId: 'LogicAppTestDevice' };

describe("the key of Microsoft's sample event", () => {
  test('is read from the Event Grid schema', () => {
    expect(read(deviceCreatedSample())).toEqual({ key });
  });

  test('is read from a CloudEvent', () => {
    expect(read(cloudEvent())).toEqual({ key });
  });

  test.each(['EGTESTHUB1', 'EgTestHub1'])('holds the hub name in lower case, also for %s', (hubName) => {
    expect(read(withData({ hubName }))).toEqual({ key });
  });

  test('takes the hub name from the topic if the data has none, in both schemas', () => {
    expect(read(withData({ hubName: undefined }))).toEqual({ key });
    const { data, ...rest } = cloudEvent();
    expect(read({ ...rest, data: { ...(data as object), hubName: undefined } })).toEqual({ key });
  });

  test('holds every legal device id unchanged', () => {
    fc.assert(
      fc.property(legalId, (deviceId) => {
        const expected = { key: { hub: 'egtesthub1', deviceId } };
        expect(read(deviceCreatedSample(deviceId))).toEqual(expected);
        expect(read(cloudEvent(deviceCreatedSample(deviceId)))).toEqual(expected);
      }),
    );
  });

  test('is read although moduleId is null, as it is for a device', () => {
    expect(read(withData({ moduleId: null }))).toEqual({ key });
  });
});

describe('an event that is ignored, with the reason:', () => {
  const huge = 'x'.repeat(1_000_000);
  test.each<[string, unknown, string]>([
    ['of another type', { ...deviceCreatedSample(), eventType: 'Microsoft.Devices.DeviceDeleted' }, 'otherType'],
    [
      'of the type in lower case',
      { ...deviceCreatedSample(), eventType: 'microsoft.devices.devicecreated' },
      'otherType',
    ],
    ['of a CloudEvent without a source', { ...cloudEvent(), source: undefined }, 'otherType'],
    ['of both schemas', { ...cloudEvent(), eventType: cloudEvent().type, type: undefined }, 'otherType'],
    ['without a type', { ...deviceCreatedSample(), eventType: undefined }, 'otherType'],
    ['of a module', withData({ moduleId: 'DefenderIotMicroAgent' }), 'moduleEvent'],
    ['of a module whose id is a number', withData({ moduleId: 7 }), 'moduleEvent'],
    ['of a foreign hub', withData({ hubName: 'someone-else' }), 'unknownHub'],
    ['of a hub named by a host', withData({ hubName: 'egtesthub1.evil.example' }), 'unknownHub'],
    ['of a hub without a name', withData({ hubName: '' }), 'unknownHub'],
    ['of no hub', { ...deviceCreatedSample(), topic: '/subscriptions/1', data: { deviceId: 'a' } }, 'noHub'],
    [
      'of a topic below a hub',
      { ...deviceCreatedSample(), topic: '/providers/Microsoft.Devices/IotHubs/egtesthub1/x', data: { deviceId: 'a' } },
      'noHub',
    ],
    ['without a device', withData({ deviceId: undefined }), 'badDeviceId'],
    ['of the device ".."', withData({ deviceId: '..' }), 'badDeviceId'],
    ['of a device that is a path', withData({ deviceId: 'a/b' }), 'badDeviceId'],
    ['of a device with a line break', withData({ deviceId: 'a\n' }), 'badDeviceId'],
    ['of a device of a million characters', withData({ deviceId: huge }), 'badDeviceId'],
    ['of a device that is an object', withData({ deviceId: { toString: 1 } }), 'badDeviceId'],
    ['of a hub of a million characters', withData({ hubName: huge }), 'unknownHub'],
    ['without data', { ...deviceCreatedSample(), data: undefined }, 'notAnEvent'],
    ['with data as text', { ...deviceCreatedSample(), data: '{}' }, 'notAnEvent'],
    ['with data as a list', { ...deviceCreatedSample(), data: [] }, 'notAnEvent'],
    ['in a list', [deviceCreatedSample()], 'notAnEvent'],
    ['that is null', null, 'notAnEvent'],
    ['that is text', 'event', 'notAnEvent'],
    ['that is nothing', undefined, 'notAnEvent'],
  ])('%s', (_name, event, ignored) => {
    expect(read(event)).toEqual({ ignored });
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('of a hub named %s', (hubName) => {
    expect(read(withData({ hubName }))).toEqual({ ignored: 'unknownHub' });
  });

  test('with `__proto__` members, which change no prototype', () => {
    const text = JSON.stringify(deviceCreatedSample()).replace(
      '"data":{',
      '"__proto__":{"eventType":"x"},"data":{"__proto__":{"deviceId":"a"},',
    );
    expect(read(JSON.parse(text))).toEqual({ key });
    expect(read(JSON.parse('{"__proto__":{"data":{},"eventType":"Microsoft.Devices.DeviceCreated"}}'))).toEqual({
      ignored: 'notAnEvent',
    });
    expect({}).not.toHaveProperty('deviceId');
  });
});

describe('reading any JSON as an event', () => {
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom('egtesthub1', 'Microsoft.Devices.DeviceCreated', "a'b"));
  const near = fc.record(
    {
      eventType: fc.oneof(value, fc.constant('Microsoft.Devices.DeviceCreated')),
      type: value,
      topic: fc.oneof(value, fc.constant('/providers/microsoft.devices/iothubs/EGTESTHUB1')),
      source: value,
      data: fc.oneof(value, fc.record({ deviceId: value, moduleId: value, hubName: value }, { requiredKeys: [] })),
    },
    { requiredKeys: [] },
  );

  test('never throws, and returns only a legal device id on a configured hub', () => {
    const deviceId = /^[A-Za-z0-9\-:.+%_#*?!(),=@;$']{1,128}$/;
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), near), (event) => {
        const result = read(event);
        if (!('key' in result)) return expect(result.ignored).toMatch(/^[a-zA-Z]+$/);
        expect(result.key.hub).toBe('egtesthub1');
        expect(result.key.deviceId).toMatch(deviceId);
        expect(Object.keys(result.key)).toEqual(['hub', 'deviceId']);
      }),
      { numRuns: 2_000 },
    );
  });
});
