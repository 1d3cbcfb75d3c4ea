import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type RoutedEvent, readIdentityChange } from '../../../shared/intake/readIdentityChange.ts';
import { deviceMessage, lifecycleSample, twinChangeSample } from '../../local/eventHub/routedSamples.ts';
import { legalId } from '../hub/legalId.ts';

const hubs = new Map([['contoso-routing-hub', 'contoso']]);
const read = (event: RoutedEvent) => readIdentityChange(event, hubs);
const time = '2022-05-27T18:49:38.4904785Z';

/** The sample with changed properties; undefined removes one. */
function changed(event: RoutedEvent, properties: object, systemProperties: object = {}): RoutedEvent {
  const merge = (before: unknown, after: object) =>
    Object.fromEntries(Object.entries({ ...(before as object), ...after }).filter(([, value]) => value !== undefined));
  return {
    ...event,
    properties: merge(event.properties, properties),
    systemProperties: merge(event.systemProperties, systemProperties),
  };
}

describe('a lifecycle event', () => {
  test.each([
    ['createDeviceIdentity', 'created'],
    ['createModuleIdentity', 'created'],
    ['deleteDeviceIdentity', 'deleted'],
    ['deleteModuleIdentity', 'deleted'],
  ])('of a module: %s says that it was %s', (opType, what) => {
    expect(read(lifecycleSample({ opType }))).toEqual({
      change: { key: { hub: 'contoso', deviceId: 'contoso-device-2' }, moduleId: 'module-1', what, eventTime: time },
    });
  });

  test.each([
    ['createDeviceIdentity', 'created'],
    ['deleteDeviceIdentity', 'deleted'],
  ])('of a device: %s says that it was %s', (opType, what) => {
    const change = { key: { hub: 'contoso', deviceId: 'contoso-device-2' }, what, eventTime: time };
    expect(read(lifecycleSample({ opType, moduleId: undefined }))).toEqual({ change });
    expect(read(lifecycleSample({ opType, moduleId: '' }))).toEqual({ change });
  });

  test('is read without the properties that a custom endpoint may not get', () => {
    const event = lifecycleSample({ opType: 'deleteDeviceIdentity' });
    expect(read({ ...event, systemProperties: {} })).toEqual(read(event));
    const bare = { deviceId: undefined, moduleId: undefined, operationTimestamp: undefined };
    expect(read(changed(event, bare))).toMatchObject({ change: { moduleId: 'module-1', eventTime: undefined } });
  });

  test('has every legal id unchanged', () => {
    fc.assert(
      fc.property(legalId, legalId, (deviceId, moduleId) => {
        expect(read(lifecycleSample({ deviceId, moduleId }))).toMatchObject({
          change: { key: { hub: 'contoso', deviceId }, moduleId },
        });
      }),
    );
  });
});

describe('a twin change', () => {
  test('of an update has the sections of its body', () => {
    expect(read(twinChangeSample())).toEqual({
      change: {
        ...{ key: { hub: 'contoso', deviceId: 'contoso-device-3' }, moduleId: 'module-1', what: 'twinChanged' },
        ...{ eventTime: time, sections: ['tags', 'desired'] },
      },
    });
    const sectionsOf = (body: unknown) => {
      const result = read(twinChangeSample({ body }));
      return 'change' in result ? result.change.sections : result;
    };
    expect(sectionsOf({ version: 2, properties: { reported: { a: 1 } } })).toEqual([]);
    expect(sectionsOf({ version: 2, properties: { desired: { a: 1 } } })).toEqual(['desired']);
    expect(sectionsOf({ version: 2, tags: null })).toEqual(['tags']);
    expect(sectionsOf(Buffer.from('{"version":2,"tags":null}'))).toEqual(['tags']);
    expect(sectionsOf(new TextEncoder().encode('{"properties":{"desired":{"a":1}}}'))).toEqual(['desired']);
  });

  test.each([
    ['a replaced twin', { opType: 'replaceTwin' }],
    ['a body that is text', { body: '<a/>' }],
    ['bytes that are no JSON', { body: Buffer.from('<a/>') }],
    ['an empty body', { body: Buffer.alloc(0) }],
    ['bytes that are JSON but no object', { body: Buffer.from('5') }],
    ['no body', { body: undefined }],
  ])('says nothing of sections with %s', (_what, options) => {
    const result = read(twinChangeSample(options));
    expect('change' in result && !('sections' in result.change)).toBe(true);
  });
});

describe('an event is ignored', () => {
  test.each<[string, RoutedEvent, string]>([
    ['without properties', { ...lifecycleSample(), properties: undefined }, 'notAnEvent'],
    ['without system properties', { ...lifecycleSample(), systemProperties: [] }, 'notAnEvent'],
    ['with an unknown operation', lifecycleSample({ opType: 'constructor' }), 'otherType'],
    ['with the operation of another source', twinChangeSample({ opType: 'createDeviceIdentity' }), 'otherType'],
    ['without a hub name', changed(lifecycleSample(), { hubName: undefined }), 'noHub'],
    ['of a hub that is not configured', lifecycleSample({ hubName: 'fabrikam' }), 'unknownHub'],
    ['of a host name instead of a hub', lifecycleSample({ hubName: 'evil.example:443/' }), 'unknownHub'],
    ['of an illegal device id', lifecycleSample({ deviceId: 'a/../b' }), 'badId'],
    ['of the device id ..', lifecycleSample({ deviceId: '..' }), 'badId'],
    ['of an illegal module id', lifecycleSample({ moduleId: 'a\nb' }), 'badId'],
    ['of a module without an id', lifecycleSample({ opType: 'deleteModuleIdentity', moduleId: undefined }), 'badId'],
    ['if a device sent it', deviceMessage({ temperature: 'high' }), 'otherType'],
    // Devices choose the application properties of their messages, but not the system properties.
    ['if a device pretends', deviceMessage(lifecycleSample().properties as Record<string, unknown>), 'otherType'],
  ])('%s', (_what, event, why) => {
    expect(read(event)).toEqual({ ignored: why });
  });

  test('whatever its parts are, without an error', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (properties, systemProperties, body) => {
        const { ignored } = read({ properties, systemProperties, body }) as { ignored: string };
        expect(typeof ignored).toBe('string');
      }),
    );
    const odd = fc.dictionary(fc.constantFrom('hubName', 'deviceId', 'moduleId', 'opType'), fc.anything());
    fc.assert(
      fc.property(odd, odd, fc.anything(), (properties, system, body) => {
        expect(() => read({ ...changed(lifecycleSample(), properties, system), body })).not.toThrow();
      }),
    );
  });
});
