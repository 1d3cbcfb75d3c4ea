import { describe, expect, test } from '@jest/globals';
import { agent } from '../../support/policy.ts';
import { withDevice } from './intakeBench.ts';

describe('admitting a device while storage calls fail', () => {
  const failing = async () => Promise.reject(new Error('storage is unavailable'));

  test('makes the device pending and sends a wake-up if the lease cannot be checked', async () => {
    const bench = withDevice();
    bench.deps = { ...bench.deps, cachedLeases: { isHeld: failing }, leases: { isHeld: failing } };
    await bench.admit();
    expect(bench.hub.calls).toEqual([]);
    expect(bench.pendingIds).toEqual(['a']);
    expect(bench.wakeUps.sent).toHaveLength(1);
  });

  test('succeeds if only the wake-up fails, because the device is in the queue', async () => {
    const bench = withDevice();
    bench.refuse('getDevice', 'throttled', 429);
    bench.deps = { ...bench.deps, wakeUps: { send: failing } };
    await bench.admit();
    expect(bench.pendingIds).toEqual(['a']);
    expect(bench.log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  test('throws if the queue fails, so that Event Grid delivers the event again', async () => {
    const bench = withDevice();
    bench.refuse('getDevice', 'throttled', 429);
    bench.pending.add = failing;
    await expect(bench.admit()).rejects.toThrow('storage is unavailable');
    expect(bench.wakeUps.sent).toEqual([]);
  });

  test('needs no queue for a device that is settled at once', async () => {
    const bench = withDevice();
    bench.pending.add = failing;
    await bench.admit();
    expect(bench.hub.moduleOf('a', agent)).toBeDefined();
  });
});

describe('admitting a device while storage does not respond', () => {
  const hang = () => new Promise<never>(() => {});

  test('throws within 25 s if neither hub nor queue responds, so that Event Grid delivers the event again', async () => {
    const bench = withDevice();
    const startMs = bench.clock.now();
    bench.hub.onCall = () => bench.clock.sleep(60_000); // the hub does not respond either
    bench.pending.add = hang;
    await expect(bench.admit()).rejects.toMatchObject({ name: 'TimeLimitError' });
    expect(bench.clock.now() - startMs).toBeLessThan(25_000);
    expect(bench.wakeUps.sent).toEqual([]);
  });

  test('makes the device pending within 25 s if only the queue responds', async () => {
    const bench = withDevice();
    const startMs = bench.clock.now();
    bench.deps = { ...bench.deps, cachedLeases: { isHeld: hang }, leases: { isHeld: hang }, wakeUps: { send: hang } };
    await bench.admit();
    expect(bench.pendingIds).toEqual(['a']);
    expect(bench.clock.now() - startMs).toBeLessThan(25_000);
  });

  test('takes less than 25 s even if every step uses up its time limit', async () => {
    const bench = withDevice();
    const startMs = bench.clock.now();
    const late = <T>(ms: number, call: () => Promise<T>) => bench.clock.sleep(ms).then(call);
    const { cachedLeases, leases, wakeUps } = bench.deps;
    const add = bench.pending.add.bind(bench.pending);
    bench.hub.onCall = () => bench.clock.sleep(60_000);
    bench.pending.add = (...args) => late(7_999, () => add(...args));
    bench.deps = {
      ...bench.deps,
      cachedLeases: { isHeld: (hub) => late(3_999, () => cachedLeases.isHeld(hub)) },
      leases: { isHeld: (hub) => late(2_999, () => leases.isHeld(hub)) },
      wakeUps: { send: (hub, delayMs) => late(2_999, () => wakeUps.send(hub, delayMs)) },
    };
    await bench.admit();
    expect(bench.pendingIds).toEqual(['a']);
    expect(bench.wakeUps.sent).toHaveLength(1);
    expect(bench.clock.now() - startMs).toBeGreaterThan(20_000);
    expect(bench.clock.now() - startMs).toBeLessThan(25_000);
  });
});
