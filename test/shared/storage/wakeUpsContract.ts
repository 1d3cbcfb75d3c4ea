import { beforeEach, describe, expect, test } from '@jest/globals';
import type { WakeUpQueue } from '../../../shared/storage/queues.ts';

const hub = 'contoso';

/** What every queue of wake-ups does; `pause` lets enough time pass that a message without a delay is visible. */
export function wakeUpsContract(
  where: string,
  create: () => { wakeUps: WakeUpQueue; pause: () => Promise<void> },
): void {
  describe(`wake-ups ${where}`, () => {
    let wakeUps: WakeUpQueue;
    let pause: () => Promise<void>;
    beforeEach(() => {
      ({ wakeUps, pause } = create());
    });

    test('that wait are seen and not changed, those that are delayed are not seen', async () => {
      expect(await wakeUps.waiting()).toEqual({ hubs: [], complete: true });
      await wakeUps.send(hub, 0);
      await wakeUps.send('fabrikam', 0);
      await wakeUps.send('later', 60_000);
      await wakeUps.sendDelayed('guarded', 60_000);
      await pause();
      for (let look = 0; look < 2; look++) {
        const { hubs, complete } = await wakeUps.waiting();
        expect([hubs.sort(), complete]).toEqual([[hub, 'fabrikam'], true]);
      }
    });

    test('a look at 32 or more wake-ups says that it is incomplete', async () => {
      for (let index = 0; index < 31; index++) await wakeUps.send(hub, 0);
      await pause();
      expect((await wakeUps.waiting()).complete).toBe(true);
      await wakeUps.send(hub, 0);
      await pause();
      const { hubs, complete } = await wakeUps.waiting();
      expect([hubs.length, complete]).toEqual([32, false]);
    });

    test('that are delayed can be moved, again and again, and become visible', async () => {
      const guard = await wakeUps.sendDelayed(hub, 60_000);
      expect(await guard.move(120_000)).toBe(true);
      expect(await guard.move(60_000)).toBe(true);
      await pause();
      expect((await wakeUps.waiting()).hubs).toEqual([]);
      expect(await guard.move(0)).toBe(true);
      await pause();
      expect((await wakeUps.waiting()).hubs).toEqual([hub]);
    });

    test('that are delayed can be removed, once, and then no longer be moved', async () => {
      const guard = await wakeUps.sendDelayed(hub, 0);
      await guard.remove();
      await guard.remove();
      expect(await guard.move(0)).toBe(false);
      await pause();
      expect((await wakeUps.waiting()).hubs).toEqual([]);
    });
  });
}
