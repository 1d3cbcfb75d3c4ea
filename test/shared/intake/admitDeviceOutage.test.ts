import { describe, expect, test } from '@jest/globals';
import { agent } from '../../support/policy.ts';
import { withDevice } from './intakeBench.ts';

describe('when storage is in trouble', () => {
  const trouble = async () => Promise.reject(new Error('storage is out of reach'));

  test('a lease that cannot be looked at counts as held: the device waits, and the hub is rung', async () => {
    const bench = withDevice();
    bench.deps = { ...bench.deps, cachedLeases: { isHeld: trouble }, leases: { isHeld: trouble } };
    await bench.admit();
    expect(bench.hub.calls).toEqual([]);
    expect(bench.waiting).toEqual(['a']);
    expect(bench.wakeUps.sent).toHaveLength(1);
  });

  test('a ring that fails does not matter, since the device is safe', async () => {
    const bench = withDevice();
    bench.refuse('getDevice', 'throttled', 429);
    bench.deps = { ...bench.deps, wakeUps: { send: trouble } };
    await bench.admit();
    expect(bench.waiting).toEqual(['a']);
    expect(bench.log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  test('a queue that fails is thrown, so that Event Grid delivers again', async () => {
    const bench = withDevice();
    bench.refuse('getDevice', 'throttled', 429);
    bench.pending.add = trouble;
    await expect(bench.admit()).rejects.toThrow('out of reach');
    expect(bench.wakeUps.sent).toEqual([]);
  });

  test('a queue that fails does not matter to a device that was settled', async () => {
    const bench = withDevice();
    bench.pending.add = trouble;
    await bench.admit();
    expect(bench.hub.moduleOf('a', agent)).toBeDefined();
  });
});

describe('when storage answers nothing at all', () => {
  const hang = () => new Promise<never>(() => {});

  test('a device whose queue hangs is given back to Event Grid within 25 s, after all else was tried', async () => {
    const bench = withDevice();
    const startMs = bench.clock.now();
    bench.hub.onCall = () => bench.clock.sleep(60_000); // the hub hangs as well
    bench.pending.add = hang;
    await expect(bench.admit()).rejects.toMatchObject({ name: 'TimeLimitError' });
    expect(bench.clock.now() - startMs).toBeLessThan(25_000);
    expect(bench.wakeUps.sent).toEqual([]);
  });

  test('a device is safe within 25 s even if all but its queue hangs', async () => {
    const bench = withDevice();
    const startMs = bench.clock.now();
    bench.deps = { ...bench.deps, cachedLeases: { isHeld: hang }, leases: { isHeld: hang }, wakeUps: { send: hang } };
    await bench.admit();
    expect(bench.waiting).toEqual(['a']);
    expect(bench.clock.now() - startMs).toBeLessThan(25_000);
  });

  test('every step may use up its time, and the sum stays below 25 s', async () => {
    const bench = withDevice();
    const startMs = bench.clock.now();
    const late = <T>(ms: number, answer: () => Promise<T>) => bench.clock.sleep(ms).then(answer);
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
    expect(bench.waiting).toEqual(['a']);
    expect(bench.wakeUps.sent).toHaveLength(1);
    expect(bench.clock.now() - startMs).toBeGreaterThan(20_000);
    expect(bench.clock.now() - startMs).toBeLessThan(25_000);
  });
});
