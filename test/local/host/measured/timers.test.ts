import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Azurite, startAzurite } from '../../../../local/azurite/startAzurite.ts';
import { blobTimerLock } from '../../../../local/host/blobTimerLock.ts';
import type { Clock } from '../../../../shared/clock.ts';
import { FakeClock } from '../../../support/fakeClock.ts';
import { eventually, readRecords, startFixture } from '../fixture.ts';

let azurite: Azurite;
let container: ContainerClient;
beforeAll(async () => {
  azurite = await startAzurite();
  const service = BlobServiceClient.fromConnectionString(azurite.connectionString);
  container = service.getContainerClient('azure-webjobs-hosts');
});
afterAll(() => azurite?.close());

const settings = { leaseMs: 60_000, retryMs: 60_000 };

function lockOf(name: string) {
  const clock = new FakeClock();
  const warnings: string[] = [];
  const writeLog = (_level: unknown, _category: unknown, message: string) => void warnings.push(message);
  const sleeps: number[] = [];
  const counted: Clock = {
    now: () => clock.now(),
    elapsedMs: () => clock.elapsedMs(),
    sleep: (ms, signal) => {
      sleeps.push(ms);
      return clock.sleep(ms, signal);
    },
  };
  const lock = blobTimerLock(name, { container, settings, clock: counted, writeLog });
  return { lock, clock, warnings, sleeps };
}

describe('timers, as measured', () => {
  test('of two instances one has the lock; the other tries again after 60 s', async () => {
    const [first, second] = [lockOf('night'), lockOf('night')];
    const never = new AbortController();
    await first.lock.acquire(never.signal);
    let isSecond = false;
    const second60 = second.lock.acquire(never.signal).then(() => {
      isSecond = true;
    });
    await eventually(() => second.sleeps[0]);
    expect(second.sleeps).toEqual([60_000]);
    await first.lock.release();
    await second.clock.advance(59_999);
    expect([first.lock.isHeld(), second.lock.isHeld(), isSecond]).toEqual([false, false, false]);
    await second.clock.advance(1);
    await second60;
    expect(second.lock.isHeld()).toBe(true);
    await second.lock.release();
    expect([first.warnings, second.warnings]).toEqual([[], []]);
  });

  test('the lease is a minute, on a blob in locks, and is renewed at half of it', async () => {
    const { lock, clock } = lockOf('renewed');
    await lock.acquire(new AbortController().signal);
    const blob = container.getBlobClient('locks/local/Host.Functions.renewed.Listener');
    expect(await blob.getProperties()).toMatchObject({ leaseState: 'leased', leaseDuration: 'fixed' });
    await blob.getBlobLeaseClient().breakLease(0); // the renewal must fail
    await clock.advance(30_000);
    await eventually(() => (lock.isHeld() ? undefined : true));
    await lock.release();
  });

  test('of two hosts on one account one runs the timers; after its orderly end the other may', async () => {
    const first = await startFixture(azurite.connectionString, 'measured-one', { drainMs: 0 });
    await eventually(async () => ((await readRecords(first, 'everySecond')).length > 0 ? true : undefined));
    const second = await startFixture(azurite.connectionString, 'measured-two', { drainMs: 0 });
    try {
      const count = (await readRecords(first, 'everySecond')).length;
      await eventually(async () => ((await readRecords(first, 'everySecond')).length > count + 1 ? true : undefined));
      expect(await readRecords(second, 'everySecond')).toEqual([]);
    } finally {
      await Promise.all([first.close(), second.close()]);
    }
  });
});
