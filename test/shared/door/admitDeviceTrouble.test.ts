import { describe, expect, test } from '@jest/globals';
import { agent } from '../../support/policy.ts';
import { withDevice } from './doorBench.ts';

describe('when storage is in trouble', () => {
  const trouble = async () => Promise.reject(new Error('storage is out of reach'));

  test('a lease that cannot be looked at counts as held: the device waits, and the hub is rung', async () => {
    const bench = withDevice();
    bench.deps = { ...bench.deps, calmLeases: { isHeld: trouble }, leases: { isHeld: trouble } };
    await bench.admit();
    expect(bench.hub.calls).toEqual([]);
    expect(bench.waiting).toEqual(['a']);
    expect(bench.rings.sent).toHaveLength(1);
  });

  test('a ring that fails does not matter, since the device is safe', async () => {
    const bench = withDevice();
    bench.refuse('getDevice', 'throttled', 429);
    bench.deps = { ...bench.deps, rings: { ring: trouble } };
    await bench.admit();
    expect(bench.waiting).toEqual(['a']);
    expect(bench.log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  test('a queue that fails is thrown, so that Event Grid delivers again', async () => {
    const bench = withDevice();
    bench.refuse('getDevice', 'throttled', 429);
    bench.pending.add = trouble;
    await expect(bench.admit()).rejects.toThrow('out of reach');
    expect(bench.rings.sent).toEqual([]);
  });

  test('a queue that fails does not matter to a device that was settled', async () => {
    const bench = withDevice();
    bench.pending.add = trouble;
    await bench.admit();
    expect(bench.hub.moduleOf('a', agent)).toBeDefined();
  });
});
