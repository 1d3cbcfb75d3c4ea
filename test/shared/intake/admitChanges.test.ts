import { describe, expect, test } from '@jest/globals';
import { admitChanges, type ChangeServices } from '../../../shared/intake/admitChanges.ts';
import type { RoutedEvent } from '../../../shared/intake/readIdentityChange.ts';
import { NoPolicyError } from '../../../shared/policyStore/policyReader.ts';
import { deviceMessage, lifecycleSample, twinChangeSample } from '../../local/eventHub/routedSamples.ts';
import { MemoryTelemetry } from '../../support/memoryTelemetry.ts';
import { agent, fixedPolicy, spec } from '../../support/policy.ts';
import { IntakeBench, name } from './intakeBench.ts';

/** `admitChanges` on the hub of an `IntakeBench`, and on `broken`, which is out of service. */
class ChangeBench extends IntakeBench {
  readonly recorded = new MemoryTelemetry(this.clock);
  readonly counts = new Map<string, number>();

  async handle(...events: RoutedEvent[]): Promise<void> {
    const { hub, registry, limiter, ...shared } = this.deps;
    const services: ChangeServices = {
      ...shared,
      documents: this.documents,
      telemetry: this.recorded.telemetry,
      hubs: new Map([[name, { hub, registry, limiter }]]),
      hubsByEventName: new Map([
        [name, name],
        ['broken', 'broken'],
      ]),
    };
    for (const [why, count] of await this.clock.run(admitChanges(services, events))) this.counts.set(why, count);
  }

  get operations(): string[] {
    return this.hub.calls.map(({ operation }) => operation);
  }
}

const deleted = (deviceId: string, options: object = {}) =>
  lifecycleSample({ opType: 'deleteDeviceIdentity', deviceId, moduleId: agent, hubName: name, ...options });

function withDevices(...ids: string[]): ChangeBench {
  const bench = new ChangeBench();
  for (const id of ids) bench.hub.addDevice(id, { tags: {} });
  return bench;
}

describe('a batch of routed events', () => {
  test.each(['deleteDeviceIdentity', 'deleteModuleIdentity'])(
    'creates a deleted module again, whose event says %s',
    async (opType) => {
      const bench = withDevices('a');
      await bench.handle(deleted('a', { opType }));
      expect(bench.hub.moduleOf('a', agent)).toBeDefined();
      expect(bench.pendingIds).toEqual([]);
    },
  );

  test('reads each device once, however many events it has', async () => {
    const bench = withDevices('a', 'b');
    await bench.handle(deleted('a'), deleted('b'), deleted('a'), deleted('a'), deleted('b'));
    expect(bench.operations.filter((operation) => operation === 'getDevice')).toHaveLength(2);
    expect(bench.hub.modules.size).toBe(2);
  });

  test('relies on the hub, not on the event: a module that is there keeps its keys', async () => {
    const bench = withDevices('a');
    await bench.admit('a');
    const before = bench.hub.moduleOf('a', agent);
    await bench.handle(deleted('a'));
    expect(bench.hub.moduleOf('a', agent)).toEqual(before);
  });

  test('costs no call for what the app itself does: the create of its module', async () => {
    const bench = withDevices('a');
    await bench.handle(lifecycleSample({ deviceId: 'a', moduleId: agent, hubName: name }));
    expect(bench.hub.calls).toEqual([]);
    expect(bench.counts).toEqual(new Map([['notOfPolicy', 1]]));
  });

  test('costs no call and no line for 10,000 twin changes of other modules and messages of devices', async () => {
    const bench = withDevices('a');
    const foreign = Array.from({ length: 5_000 }, (_, index) =>
      twinChangeSample({ deviceId: `d${index}`, moduleId: 'other', hubName: name }),
    );
    await bench.handle(...foreign, ...foreign.map(() => deviceMessage({ temperature: 21 })));
    expect(bench.hub.calls).toEqual([]);
    expect(bench.pendingIds).toEqual([]);
    expect(bench.log.lines).toEqual([]);
    expect(bench.recorded.metric('keeper.ignored_events')).toEqual([
      { value: 5_000, why: 'otherType' },
      { value: 5_000, why: 'notOfPolicy' },
    ]);
  });

  test('counts and reports in one line what is wrong with events, without their content, and serves the others', async () => {
    const bench = withDevices('a');
    const bad = [deleted('a', { hubName: 'fabrikam' }), deleted('a/b'), deleted('a', { hubName: 'fabrikam' })];
    await bench.handle(...bad, { properties: 7, systemProperties: null, body: '' }, deleted('a'));
    expect(bench.hub.moduleOf('a', agent)).toBeDefined();
    expect(bench.counts).toEqual(
      new Map([
        ['unknownHub', 2],
        ['badId', 1],
        ['notAnEvent', 1],
      ]),
    );
    expect(bench.log.lines.filter(({ level }) => level === 'warn')).toEqual([
      { level: 'warn', message: 'Events ignored', fields: { unknownHub: 2, badId: 1, notAnEvent: 1 } },
    ]);
    expect(JSON.stringify(bench.log.lines)).not.toContain('fabrikam');
  });

  test('makes devices pending when the hub throttles', async () => {
    const bench = withDevices('a', 'b');
    bench.refuse('getDevice', 'throttled', 429);
    await bench.handle(deleted('a'), deleted('b'));
    expect([...bench.pendingIds].sort()).toEqual(['a', 'b']);
    expect(bench.wakeUps.sent.length).toBeGreaterThan(0);
  });

  test('puts what exceeds the slots of the hub into its queue, and loses none of 100 devices', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `d${index}`);
    const bench = withDevices(...ids);
    await bench.handle(...ids.map((id) => deleted(id)));
    const settled = ids.filter((id) => bench.hub.moduleOf(id, agent));
    expect([...settled, ...bench.pendingIds].sort()).toEqual([...ids].sort());
    expect(settled.length).toBeGreaterThan(0);
  });

  test('keeps the devices of a hub out of service pending', async () => {
    const bench = withDevices();
    await bench.handle(deleted('a', { hubName: 'broken' }));
    expect(bench.pending.deviceIds('broken')).toEqual(['a']);
  });

  test('waits a minute for the tags of a new device, and not for those of an old one', async () => {
    const bench = withDevices('old', 'new', 'moved');
    bench.deps = { ...bench.deps, policies: fixedPolicy([spec({ select: { edge: false, exemptTag: 'exempt' } })]) };
    const moved = twinChangeSample({ deviceId: 'moved', moduleId: undefined, hubName: name });
    await bench.handle(lifecycleSample({ deviceId: 'new', moduleId: undefined, hubName: name }), deleted('old'), moved);
    expect(bench.pendingIds).toEqual(['new']);
    expect(await bench.pending.take(name, 32, 1_000)).toEqual([]);
    expect(['old', 'moved'].map((id) => bench.hub.moduleOf(id, agent) !== undefined)).toEqual([true, true]);
  });

  test('fails while there is no policy, so that the host runs it again; without an event of a hub it needs none', async () => {
    const bench = withDevices('a');
    const fail = async () => {
      throw new NoPolicyError([]);
    };
    bench.deps = { ...bench.deps, policies: { current: fail, fresh: fail } };
    await bench.handle(deviceMessage({ temperature: 21 }), deleted('a', { hubName: 'fabrikam' }));
    await expect(bench.handle(deleted('a'))).rejects.toThrow(NoPolicyError);
    expect(bench.hub.calls).toEqual([]);
  });

  test('fails if a device can be neither reconciled nor made pending, after it has tried the others', async () => {
    const bench = withDevices('a', 'b', 'c');
    bench.hub.onCall = (_operation, [deviceId]) => {
      if (deviceId === 'a') throw bench.hub.error('throttled', { status: 429 });
    };
    bench.pending.add = async () => {
      throw new Error('the queue is not there');
    };
    await expect(bench.handle(deleted('a'), deleted('b'), deleted('c'))).rejects.toThrow('the queue is not there');
    expect(['b', 'c'].map((id) => bench.hub.moduleOf(id, agent) !== undefined)).toEqual([true, true]);
  });

  describe('about a module that somebody deletes again and again', () => {
    /** Deletes the module as somebody would, and handles the event of it. */
    async function deleteAgain(bench: ChangeBench, deviceId: string, moduleId = agent): Promise<void> {
      bench.hub.modules.get(deviceId)?.delete(moduleId);
      await bench.handle(deleted(deviceId, { moduleId }));
    }
    async function repairFive(bench: ChangeBench, deviceId = 'a'): Promise<void> {
      for (let repair = 0; repair < 5; repair++) await deleteAgain(bench, deviceId);
      expect(bench.hub.moduleOf(deviceId, agent)).toBeDefined();
    }

    test('repairs it five times, then leaves it for a day, with one warning; other modules are repaired', async () => {
      const bench = withDevices('a', 'b');
      await repairFive(bench);
      await deleteAgain(bench, 'a');
      const before = bench.hub.calls.length;
      await bench.handle(deleted('a'), deleted('a'));
      expect(bench.hub.calls.length).toBe(before);
      expect(bench.hub.moduleOf('a', agent)).toBeUndefined();
      expect(bench.counts).toEqual(new Map([['flapping', 2]]));
      await deleteAgain(bench, 'b');
      expect(bench.hub.moduleOf('b', agent)).toBeDefined();
      const warnings = bench.log.lines.filter(({ level }) => level === 'warn');
      expect(warnings.map(({ message }) => message)).toEqual(['A module flaps; events do not repair it for a day']);
      expect(warnings[0]?.fields).toMatchObject({ hub: name, deviceId: 'a', moduleId: agent, repairs: 5 });
      await bench.clock.advance(24 * 3600_000);
      await bench.handle(deleted('a'));
      expect(bench.hub.moduleOf('a', agent)).toBeDefined();
    });

    test('does not repair it because of another event of its device: a tag, or another module', async () => {
      const bench = withDevices('a');
      const specs = [spec({ select: { edge: false, exemptTag: 'exempt' } }), spec({ moduleId: 'second' })];
      bench.deps = { ...bench.deps, policies: fixedPolicy(specs) };
      await repairFive(bench);
      await deleteAgain(bench, 'a');
      await bench.handle(twinChangeSample({ deviceId: 'a', moduleId: undefined, hubName: name }));
      await deleteAgain(bench, 'a', 'second');
      expect(bench.hub.moduleOf('a', agent)).toBeUndefined();
      expect(bench.hub.moduleOf('a', 'second')).toBeDefined();
    });

    test('gives it to a device that is created anew', async () => {
      const bench = withDevices('a');
      await repairFive(bench);
      await deleteAgain(bench, 'a');
      await bench.handle(deleted('a'), lifecycleSample({ deviceId: 'a', moduleId: undefined, hubName: name }));
      expect(bench.hub.moduleOf('a', agent)).toBeDefined();
    });

    test('does not count events that find nothing to do', async () => {
      const bench = withDevices('a');
      await bench.admit('a');
      for (let event = 0; event < 10; event++) await bench.handle(deleted('a'));
      await deleteAgain(bench, 'a');
      expect(bench.hub.moduleOf('a', agent)).toBeDefined();
    });

    test('repairs it all the same while the list of repairs cannot be read or written', async () => {
      const bench = withDevices('a');
      await repairFive(bench);
      const read = bench.documents.read.bind(bench.documents);
      bench.documents.read = async <T>(path: string) => {
        if (path.startsWith('repairs/')) throw new Error('storage is down');
        return read<T>(path);
      };
      await deleteAgain(bench, 'a');
      expect(bench.hub.moduleOf('a', agent)).toBeDefined();
      const messages = bench.log.lines.map(({ message }) => message);
      expect(messages).toEqual(
        expect.arrayContaining(['The list of repairs could not be read', 'Repairs could not be noted']),
      );
    });
  });
});
