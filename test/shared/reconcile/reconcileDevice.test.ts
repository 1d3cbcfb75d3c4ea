import { describe, expect, test } from '@jest/globals';
import { reconcileDevice } from '../../../shared/reconcile/reconcileDevice.ts';
import { verifyDevice } from '../../../shared/reconcile/verifyDevice.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { FakeHub } from '../../support/fakeHub.ts';
import { agent, spec } from '../../support/policy.ts';

const newHub = () => new FakeHub(new FakeClock());

describe('reconciling one device', () => {
  test('creates its module with one read and one create', async () => {
    const hub = newHub();
    hub.addDevice('a');
    expect(await reconcileDevice(hub.registry(), [spec()], 'a', 0)).toEqual([{ moduleId: agent, outcome: 'created' }]);
    expect(hub.moduleOf('a', agent)).toMatchObject({ authentication: 'sas' });
    expect(hub.calls.map(({ operation }) => operation)).toEqual(['getDevice', 'createModule']);
  });

  test('does not change a module that exists', async () => {
    const hub = newHub();
    hub.addDevice('a');
    hub.addModule('a', agent);
    expect(await reconcileDevice(hub.registry(), [spec()], 'a', 0)).toEqual([
      { moduleId: agent, outcome: 'unchanged' },
    ]);
    expect(hub.moduleOf('a', agent)?.key).toBe(1);
  });

  test('reads no twin for a spec whose tags and desired properties are empty', async () => {
    const hub = newHub();
    hub.addDevice('a');
    const empty = spec({ twin: { mode: 'seed', tags: {}, desired: {} } });
    await reconcileDevice(hub.registry(), [empty], 'a', 0);
    expect(hub.moduleOf('a', agent)?.twin).toBeUndefined();
    await reconcileDevice(hub.registry(), [empty], 'a', 0);
    expect(hub.calls.some(({ operation }) => operation === 'readModuleTwin')).toBe(false);
  });

  test('throws if the device does not exist, so that the caller may retry', async () => {
    await expect(reconcileDevice(newHub().registry(), [spec()], 'a', 0)).rejects.toMatchObject({
      kind: 'deviceNotFound',
    });
  });

  test('returns outcomes in the order of the policy, each spec by its own selection', async () => {
    const hub = newHub();
    hub.addDevice('edge', { edge: true });
    const policy = [spec(), spec({ moduleId: 'telemetry', select: { edge: true } })];
    expect(await reconcileDevice(hub.registry(), policy, 'edge', 0)).toEqual([
      { moduleId: agent, outcome: 'excluded', reason: 'edge' },
      { moduleId: 'telemetry', outcome: 'created' },
    ]);
  });

  test('looks up the module of a disabled device under SAS without a create, and creates it under Entra ID', async () => {
    const hub = newHub();
    hub.addDevice('off', { status: 'disabled' });
    const blocked = [{ moduleId: agent, outcome: 'blocked', reason: 'disabled' }];
    expect(await reconcileDevice(hub.registry(), [spec()], 'off', 0)).toEqual(blocked);
    expect(hub.calls.map(({ operation }) => operation)).toEqual(['getDevice', 'hasModule']);
    hub.addModule('off', 'camera');
    expect(await reconcileDevice(hub.registry(), [spec({ moduleId: 'camera' }), spec()], 'off', 0)).toEqual([
      { moduleId: 'camera', outcome: 'unchanged' },
      ...blocked,
    ]);
    hub.reachesDisabledDevices = true;
    expect(await reconcileDevice(hub.registry(), [spec()], 'off', 0)).toEqual([
      { moduleId: agent, outcome: 'created' },
    ]);
  });

  test('tells a deleted device from a refused key if the create gets a 401', async () => {
    const hub = newHub();
    hub.addDevice('a');
    hub.onCall = (operation) => {
      if (operation === 'createModule') hub.deleteDevice('a');
    };
    expect(await reconcileDevice(hub.registry(), [spec()], 'a', 0)).toEqual([{ moduleId: agent, outcome: 'gone' }]);
    hub.addDevice('a');
    hub.onCall = (operation) => {
      if (operation === 'createModule') throw hub.error('unauthorized', { status: 401 });
    };
    await expect(reconcileDevice(hub.registry(), [spec()], 'a', 0)).rejects.toMatchObject({ kind: 'unauthorized' });
  });

  test('is unchanged where the device was disabled in between and has its module', async () => {
    const hub = newHub();
    hub.addDevice('a');
    hub.addModule('a', agent);
    hub.onCall = (operation) => {
      if (operation === 'createModule') hub.addDevice('a', { status: 'disabled' });
    };
    expect(await reconcileDevice(hub.registry(), [spec()], 'a', 0)).toEqual([
      { moduleId: agent, outcome: 'unchanged' },
    ]);
  });

  test('is blocked without a call on a hub whose tier has no modules by the settings', async () => {
    const hub = newHub();
    hub.tierHasModules = false;
    hub.addDevice('a');
    const [verified] = await verifyDevice(hub.registry(), [spec()], 'a', 0);
    expect(verified).toMatchObject({ moduleId: agent, state: 'missing', reason: 'tierWithoutModules' });
    const reason = 'tierWithoutModules';
    expect(await reconcileDevice(hub.registry(), [spec()], 'a', 0)).toEqual([
      { moduleId: agent, outcome: 'blocked', reason },
    ]);
    expect(hub.calls).toEqual([]);
  });

  test.each([
    ['tooManyModules', 'tooManyModules'],
    ['tierWithoutModules', 'tierWithoutModules'],
    ['deviceDisabled', 'disabled'],
  ] as const)('returns blocked on %s', async (kind, reason) => {
    const hub = newHub();
    hub.addDevice('a');
    hub.onCall = (operation) => {
      if (operation === 'createModule') throw hub.error(kind);
    };
    expect(await reconcileDevice(hub.registry(), [spec()], 'a', 0)).toEqual([
      { moduleId: agent, outcome: 'blocked', reason },
    ]);
  });

  test('returns blocked on a hub whose tier has no twins', async () => {
    const hub = newHub();
    hub.addDevice('a');
    hub.onCall = () => {
      throw hub.error('tierWithoutModules', { status: 403 });
    };
    expect(await reconcileDevice(hub.registry(), [spec()], 'a', 0)).toEqual([
      { moduleId: agent, outcome: 'blocked', reason: 'tierWithoutModules' },
    ]);
  });

  test.each(['throttled', 'unavailable', 'identityCap', 'dailyQuota', 'forbidden'] as const)(
    'throws on %s, which says nothing about the device',
    async (kind) => {
      const hub = newHub();
      hub.addDevice('a');
      hub.onCall = (operation) => {
        if (operation === 'createModule') throw hub.error(kind);
      };
      await expect(reconcileDevice(hub.registry(), [spec()], 'a', 0)).rejects.toMatchObject({ kind });
    },
  );
});

describe('verifying one device', () => {
  test('tells present, missing and excluded apart, and changes nothing', async () => {
    const hub = newHub();
    hub.addDevice('a');
    hub.addModule('a', agent);
    const policy = [
      spec(),
      spec({ moduleId: 'telemetry' }),
      spec({ moduleId: 'camera', select: { edge: false, deviceIds: ['c*'] } }),
    ];
    expect(await verifyDevice(hub.registry(), policy, 'a', 0)).toMatchObject([
      { moduleId: agent, state: 'present' },
      { moduleId: 'telemetry', state: 'missing' },
      { moduleId: 'camera', state: 'excluded', reason: 'deviceId' },
    ]);
    expect(hub.modules.get('a')?.size).toBe(1);
  });

  test('returns the reason why a missing module cannot be created', async () => {
    const hub = newHub();
    hub.addDevice('off', { status: 'disabled' });
    hub.addModule('off', 'camera');
    expect(await verifyDevice(hub.registry(), [spec(), spec({ moduleId: 'camera' })], 'off', 0)).toMatchObject([
      { moduleId: agent, state: 'missing', reason: 'disabled' },
      { moduleId: 'camera', state: 'present' },
    ]);
  });

  test('returns that reason for every module on a hub whose tier has none', async () => {
    const hub = newHub();
    hub.addDevice('a');
    hub.onCall = () => {
      throw hub.error('tierWithoutModules', { status: 403 });
    };
    expect(await verifyDevice(hub.registry(), [spec()], 'a', 0)).toMatchObject([
      { moduleId: agent, state: 'missing', reason: 'tierWithoutModules' },
    ]);
  });
});
