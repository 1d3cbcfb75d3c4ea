import { describe, expect, test } from '@jest/globals';
import type { DeviceInfo } from '../../../shared/policy/deviceInfo.ts';
import { defaultSpec, type ModuleSpec, type Selection } from '../../../shared/policy/moduleSpec.ts';
import { policyReadsTags, selectSpec } from '../../../shared/policy/selectSpec.ts';
import { planDevice } from '../../../shared/reconcile/planDevice.ts';

const nowMs = Date.parse('2027-01-15T12:00:00Z');

function specWith(select: Partial<Selection>): ModuleSpec {
  const spec = defaultSpec('agent');
  return { ...spec, select: { ...spec.select, ...select } };
}

function deviceWith(fields: Partial<DeviceInfo>): DeviceInfo {
  return { deviceId: 'line-1', status: 'enabled', authenticationType: 'sas', edge: false, ...fields };
}

function reasonFor(select: Partial<Selection>, device: Partial<DeviceInfo>): string {
  const selection = selectSpec(specWith(select), deviceWith(device), nowMs);
  return selection.selected ? 'selected' : selection.reason;
}

describe('selectSpec', () => {
  test('selects by default every device except Edge devices, also disabled devices', () => {
    expect(reasonFor({}, {})).toBe('selected');
    expect(reasonFor({}, { status: 'disabled' })).toBe('selected');
    expect(reasonFor({}, { edge: true })).toBe('edge');
    expect(reasonFor({ edge: true }, { edge: true })).toBe('selected');
    expect(reasonFor({ edge: true }, { edge: false })).toBe('selected');
  });

  test('selects a device if one of the globs matches its id', () => {
    expect(reasonFor({ deviceIds: ['press-*', 'line-?'] }, {})).toBe('selected');
    expect(reasonFor({ deviceIds: ['press-*', 'LINE-?'] }, {})).toBe('deviceId');
    expect(reasonFor({ deviceIds: ["a\\*'b"] }, { deviceId: "a*'b" })).toBe('selected');
  });

  test('selects a device if every tag has one of the values, with the same type and case', () => {
    const tags = { location: { plant: 'north', floor: 2 }, active: true };
    expect(reasonFor({ tags: { 'location.plant': ['south', 'north'] } }, { tags })).toBe('selected');
    expect(reasonFor({ tags: { 'location.plant': ['north'], active: [true] } }, { tags })).toBe('selected');
    expect(reasonFor({ tags: { 'location.plant': ['north'], active: [false] } }, { tags })).toBe('tags');
    expect(reasonFor({ tags: { 'location.plant': ['North'] } }, { tags })).toBe('tags');
    expect(reasonFor({ tags: { 'location.floor': ['2'] } }, { tags })).toBe('tags');
    expect(reasonFor({ tags: { location: ['north'] } }, { tags })).toBe('tags');
    expect(reasonFor({ tags: { 'active.deep': [true] } }, { tags })).toBe('tags');
    expect(reasonFor({ tags: { 'location.plant.length': [5] } }, { tags })).toBe('tags');
  });

  test('does not take inherited JavaScript properties for tags', () => {
    expect(reasonFor({ exemptTag: 'toString' }, { tags: {} })).toBe('selected');
    expect(reasonFor({ exemptTag: 'constructor.name' }, { tags: { a: 1 } })).toBe('selected');
  });

  test.each([
    [true, 'exempt'],
    ['no', 'exempt'],
    [0, 'exempt'],
    ['', 'exempt'],
    [{}, 'exempt'],
    [false, 'selected'],
    [null, 'selected'],
    [undefined, 'selected'],
  ])('with the exempt tag %j returns "%s"', (exempt, expected) => {
    expect(reasonFor({ exemptTag: 'keeper.exempt' }, { tags: { keeper: { exempt } } })).toBe(expected);
  });

  test('lets a device count again after the end of its exemption, and says what the tag says', () => {
    const select = (exempt: unknown, more: Partial<DeviceInfo> = {}) =>
      selectSpec(
        specWith({ exemptTag: 'keeper.exempt' }),
        deviceWith({ tags: { keeper: { exempt } }, ...more }),
        nowMs,
      );
    const until = '2027-03-01';
    expect(select({ until, reason: 'in repair' })).toEqual({
      selected: false,
      reason: 'exempt',
      exemption: { state: 'active', until, reason: 'in repair' },
    });
    expect(select({ until: '2027-01-14' })).toEqual({
      selected: true,
      exemption: { state: 'ended', until: '2027-01-14' },
    });
    expect(select({ until: 'soon' })).toMatchObject({ selected: false, exemption: { state: 'unreadable' } });
    expect(select(false)).toEqual({ selected: true });
    expect(select({ until }, { edge: true })).toEqual({ selected: false, reason: 'edge' });
  });

  test('returns the first condition that excludes a device as the reason', () => {
    const select = { deviceIds: ['x'], tags: { a: ['1'] }, exemptTag: 'e' };
    expect(reasonFor(select, { edge: true, tags: { e: true } })).toBe('edge');
    expect(reasonFor(select, { tags: { e: true } })).toBe('deviceId');
    expect(reasonFor(select, { deviceId: 'x', tags: { e: true } })).toBe('tags');
    expect(reasonFor(select, { deviceId: 'x', tags: { a: '1', e: true } })).toBe('exempt');
  });

  test('throws TypeError if it needs tags that were not read', () => {
    expect(() => selectSpec(specWith({ exemptTag: 'e' }), deviceWith({}), nowMs)).toThrow(TypeError);
    expect(reasonFor({ exemptTag: 'e' }, { edge: true })).toBe('edge');
  });
});

describe('policyReadsTags', () => {
  const policy = [
    specWith({}),
    specWith({ tags: { 'location.plant': ['n'], active: [true] }, exemptTag: 'location.exempt' }),
    specWith({ exemptTag: 'a.b.c' }),
  ];

  test('is true only if a spec has tags or an exempt tag', () => {
    expect(policyReadsTags(policy)).toBe(true);
    expect(policyReadsTags(policy.slice(2))).toBe(true);
    expect(policyReadsTags(policy.slice(0, 1))).toBe(false);
    expect(policyReadsTags([specWith({ tags: {} })])).toBe(false);
    expect(policyReadsTags([])).toBe(false);
  });
});

describe('the authentication of a new module', () => {
  const abilities = { reachesDisabledDevices: false, tierHasModules: true };
  test.each([
    ['inherit', 'sas', 'sas'],
    ['inherit', 'selfSigned', 'sas'],
    ['inherit', 'none', 'sas'],
    ['inherit', 'certificateAuthority', 'certificateAuthority'],
    ['sas', 'certificateAuthority', 'sas'],
    ['certificateAuthority', 'sas', 'certificateAuthority'],
  ] as const)('%s on a device with %s is %s', (authentication, authenticationType, expected) => {
    const spec = { ...defaultSpec('agent'), authentication };
    const { wishes } = planDevice([spec], deviceWith({ authenticationType }), abilities, nowMs);
    expect(wishes).toMatchObject([{ authentication: expected }]);
  });
});
