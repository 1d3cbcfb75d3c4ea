import { beforeEach, describe, expect, test } from '@jest/globals';
import { LeaseLostError, type Leases } from '../../../shared/storage/leases.ts';

export interface LeasesUnderTest {
  leases: Leases;
  /** Breaks the lease of another holder, as an operator can do. */
  breakLease(hub: string): Promise<void>;
}

/** The tests of every implementation of leases; `setUp` returns leases of which none was ever acquired. */
export function leasesContract(name: string, setUp: () => LeasesUnderTest): void {
  describe(`${name}: leases`, () => {
    let { leases, breakLease } = {} as LeasesUnderTest;
    beforeEach(() => {
      ({ leases, breakLease } = setUp());
    });

    test('no lease is held at first', async () => {
      expect(await leases.isHeld('contoso')).toBe(false);
    });

    test('a lease is held exclusively until it is released', async () => {
      const lease = await leases.tryAcquire('contoso');
      expect(lease).toBeDefined();
      expect(await leases.isHeld('contoso')).toBe(true);
      expect(await leases.tryAcquire('contoso')).toBeUndefined();
      await lease?.renew();
      expect(await leases.tryAcquire('contoso')).toBeUndefined();
      await lease?.release();
      expect(await leases.isHeld('contoso')).toBe(false);
      expect(await leases.tryAcquire('contoso')).toBeDefined();
    });

    test('the leases of two hubs are independent', async () => {
      await leases.tryAcquire('contoso');
      expect(await leases.isHeld('contoso-2')).toBe(false);
      expect(await leases.tryAcquire('contoso-2')).toBeDefined();
    });

    test('exactly one of several simultaneous calls acquires the lease, also the first time', async () => {
      const tries = await Promise.all(Array.from({ length: 6 }, () => leases.tryAcquire('contoso')));
      expect(tries.filter((lease) => lease !== undefined)).toHaveLength(1);
    });

    test('a broken lease throws LeaseLostError at renew, and can still be released', async () => {
      const lease = await leases.tryAcquire('contoso');
      await breakLease('contoso');
      expect(await leases.isHeld('contoso')).toBe(false);
      await expect(lease?.renew()).rejects.toThrow(LeaseLostError);
      await lease?.release();
      await lease?.release();
    });

    test('the former holder can neither renew nor release the lease of the current holder', async () => {
      const old = await leases.tryAcquire('contoso');
      await breakLease('contoso');
      const current = await leases.tryAcquire('contoso');
      expect(current).toBeDefined();
      await expect(old?.renew()).rejects.toThrow(LeaseLostError);
      await old?.release();
      expect(await leases.isHeld('contoso')).toBe(true);
      await current?.renew();
    });

    test('the duration is 15 to 60 s, as blob storage requires', () => {
      expect(leases.durationMs).toBeGreaterThanOrEqual(15_000);
      expect(leases.durationMs).toBeLessThanOrEqual(60_000);
    });
  });
}
