import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { CreationVerdict, Registry } from '../../../shared/hub/registry.ts';
import { applyChanges } from '../../../shared/reconcile/applyChanges.ts';
import { decideAll } from '../../../shared/reconcile/decide.ts';
import type { ModuleChange } from '../../../shared/reconcile/moduleChange.ts';
import { planDevice } from '../../../shared/reconcile/planDevice.ts';
import { findModules } from '../../../shared/sweep/examinePage.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { FakeHub } from '../../support/fakeHub.ts';
import { agent, spec } from '../../support/policy.ts';
import { setUp } from '../hub/pacedBench.ts';

const noPause = async () => {};
const creation = (deviceId: string): ModuleChange & { do: 'create' } => ({
  do: 'create',
  deviceId,
  moduleId: agent,
  authentication: 'sas',
});

function fleet(count: number): FakeHub {
  const hub = new FakeHub(new FakeClock());
  for (let index = 0; index < count; index++) hub.addDevice(`device-${index}`);
  return hub;
}

/** A registry whose bulk call returns these verdicts and changes nothing. */
function withVerdicts(hub: FakeHub, verdicts: CreationVerdict[]): Registry {
  return { ...hub.registry(), createModules: async () => verdicts };
}

describe('applying changes in bulk', () => {
  test('uses the verdict on each identity', async () => {
    const hub = fleet(5);
    const verdicts: CreationVerdict[] = [
      'created',
      'exists',
      { refused: 'deviceNotFound', code: 'DeviceNotFound' },
      { refused: 'tooManyModules', code: 'TooManyModulesOnDevice' },
      { refused: 'invalid', code: 'ArgumentInvalid' },
    ];
    const creations = [...hub.devices.keys()].map(creation);
    const outcomes = await applyChanges(withVerdicts(hub, verdicts), creations, noPause);
    expect(outcomes.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['created', undefined],
      ['unchanged', undefined],
      ['gone', undefined],
      ['blocked', 'tooManyModules'],
      ['failed', 'ArgumentInvalid'],
    ]);
    expect(hub.calls).toEqual([]);
  });

  test('looks up changes that the response does not settle, and makes only missing modules', async () => {
    const hub = fleet(2);
    hub.addModule('device-0', agent);
    const outcomes = await applyChanges(
      withVerdicts(hub, ['unknown', 'unknown']),
      ['device-0', 'device-1'].map(creation),
      noPause,
    );
    expect(outcomes.map(({ deviceId, outcome }) => [deviceId, outcome])).toEqual([
      ['device-0', 'created'],
      ['device-1', 'created'],
    ]);
    expect(hub.moduleOf('device-0', agent)?.key).toBe(1);
    expect(hub.calls.filter(({ operation }) => operation === 'createModule')).toHaveLength(1);
  });

  test('tells a deleted device from a disabled one when the bulk response says 401, with a twin seed', async () => {
    const hub = fleet(3);
    hub.addDevice('device-1', { status: 'disabled' });
    hub.deleteDevice('device-2');
    const verdicts: CreationVerdict[] = ['created', { refused: 'unauthorized' }, { refused: 'unauthorized' }];
    const seeded = ['device-0', 'device-1', 'device-2'].map((id) => ({ ...creation(id), twin: { desired: { a: 1 } } }));
    const outcomes = await applyChanges(withVerdicts(hub, verdicts), seeded, noPause);
    const byDevice = new Map(outcomes.map(({ deviceId, outcome, reason }) => [deviceId, [outcome, reason]]));
    expect(Object.fromEntries(byDevice)).toEqual({
      'device-0': ['created', undefined],
      'device-1': ['blocked', 'disabled'],
      'device-2': ['gone', undefined],
    });
  });

  test('returns unchanged for a module that existed when the hub refused the whole call', async () => {
    const hub = fleet(2);
    hub.addModule('device-0', agent);
    hub.onCall = (operation) => {
      if (operation === 'createModules') throw hub.error('invalid', { status: 400 });
    };
    const outcomes = await applyChanges(hub.registry(), ['device-0', 'device-1'].map(creation), noPause);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['unchanged', 'created']);
  });

  test('fails no device while the hub serves none of them for five rounds', async () => {
    const hub = fleet(3);
    let waited = 0;
    hub.onCall = (operation) => {
      if (operation !== 'countDevices' && waited < 5) throw hub.error('unavailable', { status: 500 });
    };
    const pause = async () => {
      waited += 1;
    };
    const outcomes = await applyChanges(hub.registry(), ['device-0', 'device-1', 'device-2'].map(creation), pause);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['created', 'created', 'created']);
  });

  test('throws a refusal that concerns the hub as a whole', async () => {
    const hub = fleet(1);
    hub.onCall = () => {
      throw hub.error('identityCap');
    };
    await expect(applyChanges(hub.registry(), [creation('device-0')], noPause)).rejects.toMatchObject({
      kind: 'identityCap',
    });
  });

  test('fails no device in an outage of the hub, which the paced registry waits out', async () => {
    const { hub, clock, registry } = setUp();
    const ids = ['device-0', 'device-1', 'device-2'];
    for (const id of ids) hub.addDevice(id);
    let failures = 4;
    hub.onCall = () => {
      if (failures-- > 0) throw hub.error('unavailable');
    };
    const outcomes = await clock.run(applyChanges(registry, ids.map(creation), noPause));
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['created', 'created', 'created']);
  });

  test('fails a device after three tries of its own, and none of the others', async () => {
    const { hub, clock, registry } = setUp();
    const ids = ['device-0', 'device-1', 'device-2'];
    for (const id of ids) hub.addDevice(id);
    hub.onCall = (operation, deviceIds) => {
      if (operation.startsWith('create') && deviceIds.includes('device-1'))
        throw hub.error('unavailable', { status: 500 });
    };
    const outcomes = await clock.run(applyChanges(registry, ids.map(creation), noPause));
    const byDevice = Object.fromEntries(outcomes.map(({ deviceId, outcome, reason }) => [deviceId, [outcome, reason]]));
    expect(byDevice).toEqual({
      'device-0': ['created', undefined],
      'device-1': ['failed', 'HTTP 500'],
      'device-2': ['created', undefined],
    });
    const singly = hub.calls.filter(({ operation }) => operation === 'createModule');
    expect(singly).toHaveLength(2 + 3);
  });

  test('returns exactly one outcome for every change, whatever the hub does, and makes nothing twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('ok', 'lostBefore', 'lostAfter', 'gone'), { minLength: 1, maxLength: 60 }),
        async (responses) => {
          const hub = fleet(6);
          hub.addModule('device-2', agent);
          let call = 0;
          const response = () => responses[call % responses.length];
          hub.onCall = () => {
            if (response() === 'gone') hub.deleteDevice('device-4');
            if (response() === 'lostBefore' && call++ < 40) throw hub.error('unavailable');
          };
          hub.afterCall = () => {
            if (response() === 'lostAfter' && call++ < 40) throw hub.error('unavailable');
            call += 1;
          };
          const registry = { ...hub.registry(), countDevices: async () => 6 };
          hub.reachesDisabledDevices = true;
          const ids = [...hub.devices.keys()];
          const outcomes = await applyChanges(registry, ids.map(creation), noPause);
          expect(outcomes.map(({ deviceId }) => deviceId).sort()).toEqual(ids);
          expect(hub.moduleOf('device-2', agent)?.key).toBe(1);
          for (const { deviceId, outcome } of outcomes) {
            const exists = hub.moduleOf(deviceId, agent) !== undefined;
            if (outcome === 'created' || outcome === 'unchanged')
              expect(exists || !hub.devices.has(deviceId)).toBe(true);
            if (outcome === 'gone') expect(hub.devices.has(deviceId)).toBe(false);
          }
        },
      ),
    );
  });
});

describe('finding missing modules', () => {
  test('queries all devices, over several pages', async () => {
    const hub = fleet(450);
    for (let index = 0; index < 450; index += 3) hub.addModule(`device-${index}`, agent);
    const wishes = [...hub.devices.values()].flatMap(
      (device) => planDevice([spec()], device, hub.registry(), 0).wishes,
    );
    const { settled, needed } = decideAll(wishes, await findModules(hub.registry(), wishes, 2));
    expect(settled).toHaveLength(150);
    expect(settled.every(({ outcome }) => outcome === 'unchanged')).toBe(true);
    expect(needed).toHaveLength(300);
    expect(needed.every(({ deviceId }) => !hub.moduleOf(deviceId, agent))).toBe(true);
  });

  test('sends no query if no module is wanted', async () => {
    const hub = fleet(3);
    expect(decideAll([], await findModules(hub.registry(), [], 1))).toEqual({ settled: [], needed: [] });
    expect(hub.calls).toEqual([]);
  });
});
