import { describe, expect, test } from '@jest/globals';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import type { HubErrorKind } from '../../../shared/hub/hubError.ts';
import { NoPolicyError } from '../../../shared/policyStore/policyReader.ts';
import type { Operation } from '../../support/fakeHub.ts';
import { agent, spec } from '../../support/policy.ts';
import { IntakeBench, name, withDevice } from './intakeBench.ts';

describe('a created device on an idle hub', () => {
  test('gets its module at once, and no pending message', async () => {
    const bench = withDevice();
    await bench.admit();
    expect(bench.hub.moduleOf('a', agent)).toMatchObject({ key: 1, authentication: 'sas' });
    expect(bench.hub.calls.map(({ operation }) => operation)).toEqual(['getDevice', 'createModule']);
    expect(bench.pendingIds).toEqual([]);
    expect(bench.wakeUps.sent).toEqual([]);
  });

  test('keeps its module and its keys if the event is delivered three times', async () => {
    const bench = withDevice();
    for (let times = 0; times < 3; times++) await bench.admit();
    expect(bench.hub.moduleOf('a', agent)).toMatchObject({ key: 1 });
    expect(bench.pendingIds).toEqual([]);
  });

  test('is acknowledged on every final outcome, without a pending message', async () => {
    const excluded = new IntakeBench();
    excluded.hub.addDevice('a', { edge: true });
    const blocked = new IntakeBench();
    blocked.hub.addDevice('a', { status: 'disabled' });
    const full = withDevice();
    full.refuse('createModule', 'tooManyModules', 413);
    for (const bench of [excluded, blocked, full]) {
      await bench.admit();
      expect(bench.hub.modules.size).toBe(0);
      expect(bench.pendingIds).toEqual([]);
      expect(bench.wakeUps.sent).toEqual([]);
    }
  });
});

describe('a created device that cannot be settled at once', () => {
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
  ])('(%s: %s) becomes pending in one message, and a wake-up is sent', async (operation, kind, status) => {
    const bench = withDevice();
    bench.refuse(operation, kind, status);
    await bench.admit();
    expect(bench.pendingIds).toEqual(['a']);
    expect(await bench.pending.take(name, 32, 1_000)).toMatchObject([{ deviceId: 'a', tries: 0 }]);
    expect(bench.wakeUps.sent).toEqual([{ hub: name, dueMs: bench.clock.elapsedMs() }]);
    expect(bench.hub.modules.size).toBe(0);
    const tries = bench.hub.calls.filter((call) => call.operation === operation);
    expect(tries).toHaveLength(1); // only the worker retries
  });

  test('becomes pending without a wake-up and without a hub call while a worker holds the lease', async () => {
    const bench = withDevice();
    await bench.leases.tryAcquire(name);
    await bench.admit();
    expect(bench.pendingIds).toEqual(['a']);
    expect(bench.wakeUps.sent).toEqual([]);
    expect(bench.hub.calls).toEqual([]);
  });

  test('causes a wake-up if the lease was held at the first check only', async () => {
    const bench = withDevice();
    bench.deps = { ...bench.deps, cachedLeases: { isHeld: async () => true } };
    await bench.admit();
    expect(bench.pendingIds).toEqual(['a']);
    expect(bench.wakeUps.sent).toHaveLength(1);
  });

  test('is stored before the lease is checked, so that a worker that releases it in between finds the device', async () => {
    const bench = withDevice();
    bench.refuse('getDevice', 'throttled', 429);
    const seen: string[][] = [];
    const isHeld = async () => {
      seen.push(bench.pendingIds);
      return false;
    };
    bench.deps = { ...bench.deps, leases: { isHeld } };
    await bench.admit();
    expect(seen).toEqual([['a']]);
  });

  test('becomes pending after five seconds if the hub does not respond, and keeps its intake slot', async () => {
    const bench = withDevice(new IntakeBench({ limits: tierLimits('S3', 1) }));
    const startMs = bench.clock.now();
    bench.hub.onCall = () => new Promise(() => {});
    for (const id of ['a', 'b', 'c', 'd', 'e']) await bench.admit(id);
    expect(bench.clock.now() - startMs).toBe(25_000);
    const calls = bench.hub.calls.length;
    await bench.admit('f');
    expect(bench.clock.now() - startMs).toBe(25_000);
    expect(bench.hub.calls).toHaveLength(calls);
    expect(bench.pendingIds).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  test("becomes pending if the app's own code throws", async () => {
    const bench = withDevice();
    bench.hub.onCall = () => {
      throw new TypeError('a defect');
    };
    await bench.admit();
    expect(bench.pendingIds).toEqual(['a']);
    expect(bench.log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
    expect(JSON.stringify(bench.log.lines)).not.toContain('a defect'); // a message could quote secrets
  });
});

describe('a burst of created devices', () => {
  test('is served within the intake bucket, five at once; the others become pending', async () => {
    const bench = new IntakeBench();
    const ids = Array.from({ length: 20 }, (_, index) => `d${index}`);
    for (const id of ids) bench.hub.addDevice(id);
    await Promise.all(ids.map((id) => bench.admit(id)));
    const made = ids.filter((id) => bench.hub.moduleOf(id, agent));
    expect(made).toHaveLength(5);
    expect([...made, ...bench.pendingIds].sort()).toEqual([...ids].sort());
  });
});

describe('a policy that reads tags', () => {
  test('keeps the device pending for a minute, with a wake-up for then and without a hub call', async () => {
    const bench = withDevice(new IntakeBench({}, [spec({ select: { edge: false, exemptTag: 'noAgent' } })]));
    await bench.admit();
    expect(bench.hub.calls).toEqual([]);
    expect(bench.pendingIds).toEqual(['a']);
    expect(bench.wakeUps.sent).toEqual([{ hub: name, dueMs: bench.clock.elapsedMs() + 60_000 }]);
    await bench.clock.advance(59_999);
    expect(await bench.pending.hasVisible(name)).toBe(false);
    await bench.clock.advance(1);
    expect(await bench.pending.hasVisible(name)).toBe(true);
  });

  test('has that wake-up sent even while a worker holds the lease, because it may be released by then', async () => {
    const bench = withDevice(new IntakeBench({}, [spec({ select: { edge: false, tags: { site: ['north'] } } })]));
    await bench.leases.tryAcquire(name);
    await bench.admit();
    expect(bench.wakeUps.sent).toHaveLength(1);
  });
});

test('a device of a paused hub becomes pending, without a wake-up and without a hub call', async () => {
  const tags = [spec({ select: { edge: false, exemptTag: 'noAgent' } })];
  for (const bench of [new IntakeBench({ paused: true }), new IntakeBench({ paused: true }, tags)]) {
    await withDevice(bench).admit();
    expect(bench.pendingIds).toEqual(['a']);
    expect(bench.wakeUps.sent).toEqual([]);
    expect(bench.hub.calls).toEqual([]);
  }
});

describe('a created device without a policy', () => {
  test.each([new NoPolicyError([]), new Error('storage is unavailable')])(
    '(%s) becomes pending, and no module is guessed',
    async (error) => {
      const bench = withDevice();
      const failing = async () => Promise.reject(error);
      bench.deps = { ...bench.deps, policies: { current: failing, fresh: failing } };
      await bench.admit();
      expect(bench.hub.calls).toEqual([]);
      expect(bench.pendingIds).toEqual(['a']);
      expect(bench.wakeUps.sent).toHaveLength(1);
    },
  );
});
