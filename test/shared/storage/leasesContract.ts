import { beforeEach, describe, expect, test } from '@jest/globals';
import { LeaseLostError, type Leases } from '../../../shared/storage/leases.ts';

export interface LeasesUnderTest {
  leases: Leases;
  /** As an operator does who wants the lease back. */
  breakLease(hub: string): Promise<void>;
}

/** What leases promise, wherever they are kept; `setUp` gives some of which none was ever taken. */
export function leasesContract(name: string, setUp: () => LeasesUnderTest): void {
  describe(`${name}: leases`, () => {
    let { leases, breakLease } = {} as LeasesUnderTest;
    beforeEach(() => {
      ({ leases, breakLease } = setUp());
    });

    test('nobody holds one at first', async () => {
      expect(await leases.isHeld('contoso')).toBe(false);
    });

    test('whoever takes one holds it against all others, until it is released', async () => {
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

    test('one hub is not another', async () => {
      await leases.tryAcquire('contoso');
      expect(await leases.isHeld('contoso-2')).toBe(false);
      expect(await leases.tryAcquire('contoso-2')).toBeDefined();
    });

    test('of several that try at once, even for the first time, exactly one gets it', async () => {
      const tries = await Promise.all(Array.from({ length: 6 }, () => leases.tryAcquire('contoso')));
      expect(tries.filter((lease) => lease !== undefined)).toHaveLength(1);
    });

    test('whose lease was broken learns it when renewing, and may release it all the same', async () => {
      const lease = await leases.tryAcquire('contoso');
      await breakLease('contoso');
      expect(await leases.isHeld('contoso')).toBe(false);
      await expect(lease?.renew()).rejects.toThrow(LeaseLostError);
      await lease?.release();
      await lease?.release();
    });

    test('who lost it cannot take it from the one who has it now', async () => {
      const old = await leases.tryAcquire('contoso');
      await breakLease('contoso');
      const current = await leases.tryAcquire('contoso');
      expect(current).toBeDefined();
      await expect(old?.renew()).rejects.toThrow(LeaseLostError);
      await old?.release();
      expect(await leases.isHeld('contoso')).toBe(true);
      await current?.renew();
    });

    test('a lease lasts from 15 to 60 s, as storage allows', () => {
      expect(leases.durationMs).toBeGreaterThanOrEqual(15_000);
      expect(leases.durationMs).toBeLessThanOrEqual(60_000);
    });
  });
}
