import { expect, test } from '@jest/globals';
import { cachedLeases } from '../../../shared/storage/cachedLeases.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { MemoryLeases } from '../../support/memoryStorage.ts';

function setUp() {
  const clock = new FakeClock();
  const leases = new MemoryLeases(clock);
  let reads = 0;
  const isHeld = (hub: string) => {
    reads += 1;
    return leases.isHeld(hub);
  };
  return { clock, leases, cached: cachedLeases({ isHeld }, clock), reads: () => reads };
}

test('cachedLeases keeps a result for one second, and no longer', async () => {
  const { clock, leases, cached, reads } = setUp();
  expect(await cached.isHeld('contoso')).toBe(false);
  await leases.tryAcquire('contoso');
  await clock.advance(999);
  expect(await cached.isHeld('contoso')).toBe(false);
  expect(reads()).toBe(1);
  await clock.advance(1);
  expect(await cached.isHeld('contoso')).toBe(true);
  expect(reads()).toBe(2);
});

test('cachedLeases reads once for each hub for many calls at the same time', async () => {
  const { leases, cached, reads } = setUp();
  await leases.tryAcquire('a');
  expect(await Promise.all(['a', 'b', 'a', 'b', 'a'].map((hub) => cached.isHeld(hub)))).toEqual([
    true,
    false,
    true,
    false,
    true,
  ]);
  expect(reads()).toBe(2);
});

test('cachedLeases does not cache a failure', async () => {
  const clock = new FakeClock();
  let fails = true;
  const cached = cachedLeases({ isHeld: async () => (fails ? Promise.reject(new Error('no')) : true) }, clock);
  await expect(cached.isHeld('contoso')).rejects.toThrow('no');
  fails = false;
  expect(await cached.isHeld('contoso')).toBe(true);
});
