import { expect, test } from '@jest/globals';
import { cachedLeases } from '../../../shared/storage/cachedLeases.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { MemoryLeases } from '../../support/memoryStorage.ts';

function setUp() {
  const clock = new FakeClock();
  const leases = new MemoryLeases(clock);
  let asked = 0;
  const isHeld = (hub: string) => {
    asked += 1;
    return leases.isHeld(hub);
  };
  return { clock, leases, cached: cachedLeases({ isHeld }, clock), asked: () => asked };
}

test('an answer is good for a second, and no longer', async () => {
  const { clock, leases, cached, asked } = setUp();
  expect(await cached.isHeld('contoso')).toBe(false);
  await leases.tryAcquire('contoso');
  await clock.advance(999);
  expect(await cached.isHeld('contoso')).toBe(false);
  expect(asked()).toBe(1);
  await clock.advance(1);
  expect(await cached.isHeld('contoso')).toBe(true);
  expect(asked()).toBe(2);
});

test('many who ask at once ask storage once, each hub by itself', async () => {
  const { leases, cached, asked } = setUp();
  await leases.tryAcquire('a');
  expect(await Promise.all(['a', 'b', 'a', 'b', 'a'].map((hub) => cached.isHeld(hub)))).toEqual([
    true,
    false,
    true,
    false,
    true,
  ]);
  expect(asked()).toBe(2);
});

test('a failure is no answer: the next caller asks again', async () => {
  const clock = new FakeClock();
  let fails = true;
  const cached = cachedLeases({ isHeld: async () => (fails ? Promise.reject(new Error('no')) : true) }, clock);
  await expect(cached.isHeld('contoso')).rejects.toThrow('no');
  fails = false;
  expect(await cached.isHeld('contoso')).toBe(true);
});
