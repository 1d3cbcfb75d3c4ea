import { describe, expect, test } from '@jest/globals';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import type { HubErrorKind } from '../../../shared/hub/hubError.ts';
import type { Operation } from '../../support/fakeHub.ts';
import { agent, spec } from '../../support/policy.ts';
import { IntakeBench, name, withDevice } from './intakeBench.ts';

describe('a created device on a calm hub', () => {
  test('gets its module at once, and leaves no message behind', async () => {
    const bench = withDevice();
    await bench.admit();
    expect(bench.hub.moduleOf('a', agent)).toMatchObject({ key: 1, authentication: 'sas' });
    expect(bench.hub.calls.map(({ operation }) => operation)).toEqual(['getDevice', 'createModule']);
    expect(bench.waiting).toEqual([]);
    expect(bench.wakeUps.sent).toEqual([]);
  });

  test('keeps its module, and its keys, when the event comes three times', async () => {
    const bench = withDevice();
    for (let times = 0; times < 3; times++) await bench.admit();
    expect(bench.hub.moduleOf('a', agent)).toMatchObject({ key: 1 });
    expect(bench.waiting).toEqual([]);
  });

  test('is acknowledged on every verdict about it, without a message', async () => {
    const excluded = new IntakeBench();
    excluded.hub.addDevice('a', { edge: true });
    const blocked = new IntakeBench();
    blocked.hub.addDevice('a', { status: 'disabled' });
    const full = withDevice();
    full.refuse('createModule', 'tooManyModules', 413);
    for (const bench of [excluded, blocked, full]) {
      await bench.admit();
      expect(bench.hub.modules.size).toBe(0);
      expect(bench.waiting).toEqual([]);
      expect(bench.wakeUps.sent).toEqual([]);
    }
  });
});

describe('a device that cannot be settled at once', () => {
  test.each<[Operation, HubErrorKind, number]>([
    ['getDevice', 'deviceNotFound', 404],
    ['getDevice', 'throttled', 429],
    ['getDevice', 'unavailable', 503],
    ['getDevice', 'unauthorized', 401],
    ['getDevice', 'forbidden', 403],
    ['getDevice', 'dailyQuota', 403],
    ['createModule', 'deviceNotFound', 404],
    ['createModule', 'throttled', 429],
    ['createModule', 'unavailable', 500],
    ['createModule', 'unauthorized', 401],
    ['createModule', 'forbidden', 403],
    ['createModule', 'identityCap', 403],
    ['createModule', 'dailyQuota', 403],
    ['createModule', 'invalid', 400],
  ])('because of %s: %s waits in one message, and its hub is rung', async (operation, kind, status) => {
    const bench = withDevice();
    bench.refuse(operation, kind, status);
    await bench.admit();
    expect(bench.waiting).toEqual(['a']);
    expect(await bench.pending.take(name, 32, 1_000)).toMatchObject([{ deviceId: 'a', tries: 0 }]);
    expect(bench.wakeUps.sent).toEqual([{ hub: name, dueMs: bench.clock.now() }]);
    expect(bench.hub.modules.size).toBe(0);
    const tries = bench.hub.calls.filter((call) => call.operation === operation);
    expect(tries).toHaveLength(1); // retrying is the worker's part
  });

  test('waits without a ring while a worker holds the lease, and without a hub call', async () => {
    const bench = withDevice();
    await bench.leases.tryAcquire(name);
    await bench.admit();
    expect(bench.waiting).toEqual(['a']);
    expect(bench.wakeUps.sent).toEqual([]);
    expect(bench.hub.calls).toEqual([]);
  });

  test('wakeUps when the worker was there at the first look only', async () => {
    const bench = withDevice();
    bench.deps = { ...bench.deps, cachedLeases: { isHeld: async () => true } };
    await bench.admit();
    expect(bench.waiting).toEqual(['a']);
    expect(bench.wakeUps.sent).toHaveLength(1);
  });

  test('is sent before the lease is looked at, so that a worker that leaves in between finds it', async () => {
    const bench = withDevice();
    bench.refuse('getDevice', 'throttled', 429);
    const seen: string[][] = [];
    const isHeld = async () => {
      seen.push(bench.waiting);
      return false;
    };
    bench.deps = { ...bench.deps, leases: { isHeld } };
    await bench.admit();
    expect(seen).toEqual([['a']]);
  });

  test('waits when the hub hangs, after five seconds, and its place stays taken', async () => {
    const bench = withDevice(new IntakeBench({ limits: tierLimits('S3', 1) }));
    const startMs = bench.clock.now();
    bench.hub.onCall = () => new Promise(() => {});
    for (const id of ['a', 'b', 'c', 'd', 'e']) await bench.admit(id);
    expect(bench.clock.now() - startMs).toBe(25_000);
    const calls = bench.hub.calls.length;
    await bench.admit('f');
    expect(bench.clock.now() - startMs).toBe(25_000);
    expect(bench.hub.calls).toHaveLength(calls);
    expect(bench.waiting).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  test('waits when our own code fails', async () => {
    const bench = withDevice();
    bench.hub.onCall = () => {
      throw new TypeError('a defect');
    };
    await bench.admit();
    expect(bench.waiting).toEqual(['a']);
    expect(bench.log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
    expect(JSON.stringify(bench.log.lines)).not.toContain('a defect'); // it could quote anything
  });
});

describe('a burst of created devices', () => {
  test('is served five at once, within the small bucket; the others wait', async () => {
    const bench = new IntakeBench();
    const ids = Array.from({ length: 20 }, (_, index) => `d${index}`);
    for (const id of ids) bench.hub.addDevice(id);
    await Promise.all(ids.map((id) => bench.admit(id)));
    const made = ids.filter((id) => bench.hub.moduleOf(id, agent));
    expect(made).toHaveLength(5);
    expect([...made, ...bench.waiting].sort()).toEqual([...ids].sort());
  });
});

describe('a policy that reads tags', () => {
  test('has the device wait a minute for its tags, wakeUps for then, and calls no hub', async () => {
    const bench = withDevice(new IntakeBench({}, [spec({ select: { edge: false, exemptTag: 'noAgent' } })]));
    await bench.admit();
    expect(bench.hub.calls).toEqual([]);
    expect(bench.waiting).toEqual(['a']);
    expect(bench.wakeUps.sent).toEqual([{ hub: name, dueMs: bench.clock.now() + 60_000 }]);
    await bench.clock.advance(59_999);
    expect(await bench.pending.hasVisible(name)).toBe(false);
    await bench.clock.advance(1);
    expect(await bench.pending.hasVisible(name)).toBe(true);
  });

  test('wakeUps for then even while a worker is there, which may be gone by that time', async () => {
    const bench = withDevice(new IntakeBench({}, [spec({ select: { edge: false, tags: { site: ['north'] } } })]));
    await bench.leases.tryAcquire(name);
    await bench.admit();
    expect(bench.wakeUps.sent).toHaveLength(1);
  });
});

test('a paused hub keeps the device pending, without a ring and without a call', async () => {
  const tags = [spec({ select: { edge: false, exemptTag: 'noAgent' } })];
  for (const bench of [new IntakeBench({ paused: true }), new IntakeBench({ paused: true }, tags)]) {
    await withDevice(bench).admit();
    expect(bench.waiting).toEqual(['a']);
    expect(bench.wakeUps.sent).toEqual([]);
    expect(bench.hub.calls).toEqual([]);
  }
});
