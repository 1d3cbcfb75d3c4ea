import { expect, test } from '@jest/globals';
import { FakeClock } from '../../support/fakeClock.ts';
import { MemoryDocuments, MemoryLeases, MemoryPending, MemoryWakeUps } from '../../support/memoryStorage.ts';
import { documentStoreContract } from './documentStoreContract.ts';
import { leasesContract } from './leasesContract.ts';
import { pendingDevicesContract } from './pendingDevicesContract.ts';
import { wakeUpsContract } from './wakeUpsContract.ts';

documentStoreContract('in memory', () => new MemoryDocuments());

leasesContract('in memory', () => {
  const leases = new MemoryLeases(new FakeClock());
  return { leases, breakLease: async (hub) => leases.break(hub) };
});

pendingDevicesContract('in memory', () => {
  const clock = new FakeClock();
  return { pending: new MemoryPending(clock), pause: () => clock.advance(200) };
});

wakeUpsContract('in memory', () => {
  const clock = new FakeClock();
  return { wakeUps: new MemoryWakeUps(clock), pause: () => clock.advance(200) };
});

test('in memory: a lease that is not renewed expires, and its holder can renew it until another one acquires it', async () => {
  const clock = new FakeClock();
  const leases = new MemoryLeases(clock);
  const lease = await leases.tryAcquire('contoso');
  await clock.advance(59_999);
  expect(await leases.isHeld('contoso')).toBe(true);
  await clock.advance(1);
  expect(await leases.isHeld('contoso')).toBe(false);
  await lease?.renew();
  expect(await leases.isHeld('contoso')).toBe(true);
  await clock.advance(60_000);
  expect(await leases.tryAcquire('contoso')).toBeDefined();
  await expect(lease?.renew()).rejects.toMatchObject({ name: 'LeaseLostError' });
});
