import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PendingDevices, PendingMessage } from '../../../shared/storage/queues.ts';
import { legalId } from '../hub/legalId.ts';

export interface PendingUnderTest {
  pending: PendingDevices;
  /** Waits for a short time. */
  pause(): Promise<void>;
}

const hub = 'contoso';
const longMs = 600_000;
/** Visibility times are whole seconds; a message becomes visible at most one second later than that. The limit is for hangs only. */
const deadlineMs = 300_000;

/** The tests of every implementation of pending queues; `setUp` returns queues of which none was ever created. */
export function pendingDevicesContract(name: string, setUp: () => PendingUnderTest): void {
  describe(`${name}: pending devices`, () => {
    let { pending, pause } = {} as PendingUnderTest;
    beforeEach(() => {
      ({ pending, pause } = setUp());
    });

    const devices = (messages: PendingMessage[]) => messages.map(({ deviceId, tries }) => ({ deviceId, tries }));

    async function takeOne(hiddenMs = longMs): Promise<PendingMessage> {
      for (const untilMs = Date.now() + deadlineMs; ; await pause()) {
        const [message] = await pending.take(hub, 1, hiddenMs);
        if (message) return message;
        if (Date.now() > untilMs) throw new Error(`no message within ${deadlineMs} ms`);
      }
    }

    test('a queue that does not exist is empty, and no call fails', async () => {
      expect(await pending.take(hub, 32, longMs)).toEqual([]);
      expect(await pending.hasVisible(hub)).toBe(false);
      await pending.remove(hub, { deviceId: 'a', tries: 0, receipt: { messageId: 'x', popReceipt: 'y' } });
    });

    test('add puts a device into the queue of its hub only', async () => {
      await pending.add(hub, { deviceId: 'a', tries: 3 }, 0);
      expect(await pending.hasVisible('other')).toBe(false);
      expect(await pending.hasVisible(hub)).toBe(true);
      expect(devices(await pending.take(hub, 32, longMs))).toEqual([{ deviceId: 'a', tries: 3 }]);
    });

    test('take hides a message until it is removed', async () => {
      await pending.add(hub, { deviceId: 'a', tries: 0 }, 0);
      const message = await takeOne();
      expect(await pending.hasVisible(hub)).toBe(false);
      expect(await pending.take(hub, 32, longMs)).toEqual([]);
      await pending.remove(hub, message);
      await pending.remove(hub, message);
      expect(await pending.take(hub, 32, longMs)).toEqual([]);
    });

    test('a message that was not removed becomes visible again, and its old receipt has no effect', async () => {
      await pending.add(hub, { deviceId: 'a', tries: 0 }, 0);
      const first = await takeOne(1_000);
      const second = await takeOne();
      expect(second).toMatchObject({ deviceId: 'a', tries: 0 });
      await pending.remove(hub, first);
      await pending.putBack(hub, first, { deviceId: 'a', tries: 9 }, 0);
      expect(await pending.hasVisible(hub)).toBe(false);
      await pending.putBack(hub, second, { deviceId: 'a', tries: 1 }, 1_000);
      expect(await takeOne()).toMatchObject({ deviceId: 'a', tries: 1 });
    });

    test('putBack hides a message for the given time and replaces its content', async () => {
      await pending.add(hub, { deviceId: 'a', tries: 0 }, 0);
      const message = await takeOne();
      await pending.putBack(hub, message, { deviceId: 'a', tries: 1 }, longMs);
      expect(await pending.hasVisible(hub)).toBe(false);
      await pending.remove(hub, message); // no effect: `putBack` made the receipt invalid
      await pending.add(hub, { deviceId: 'b', tries: 0 }, 0);
      await pending.putBack(hub, await takeOne(), { deviceId: 'b', tries: 1 }, 1_000);
      expect(await takeOne()).toMatchObject({ deviceId: 'b', tries: 1 });
    });

    test('keepHidden hides a message for the given time, keeps its content, and gives it another receipt', async () => {
      await pending.add(hub, { deviceId: 'a', tries: 3 }, 0);
      const message = await takeOne(1_000);
      const kept = await pending.keepHidden(hub, message, longMs);
      expect(kept).toMatchObject({ deviceId: 'a', tries: 3 });
      await pending.remove(hub, message); // no effect: its receipt is an old one
      expect(await pending.keepHidden(hub, message, longMs)).toBeUndefined();
      await pause();
      await pause();
      expect(await pending.take(hub, 32, longMs)).toEqual([]);
      const shown = await pending.keepHidden(hub, kept ?? message, 1_000);
      const again = await takeOne();
      expect(again).toMatchObject({ deviceId: 'a', tries: 3 });
      await pending.remove(hub, shown ?? message);
      await pending.remove(hub, again);
      expect(await pending.keepHidden(hub, again, longMs)).toBeUndefined();
      expect(await pending.approximateCount(hub)).toBe(0);
    });

    test('a device keeps its origin, also after putBack', async () => {
      const origin = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, eventTime: '2026-11-25T13:00:00Z' };
      await pending.add(hub, { deviceId: 'a', tries: 0, origin }, 0);
      const message = await takeOne();
      expect(message).toMatchObject({ deviceId: 'a', tries: 0, origin });
      await pending.putBack(hub, message, { deviceId: 'a', tries: 1, origin }, 0);
      expect(await takeOne()).toMatchObject({ deviceId: 'a', tries: 1, origin });
    });

    test('approximateCount includes hidden messages', async () => {
      expect(await pending.approximateCount('none')).toBe(0);
      await pending.add(hub, { deviceId: 'a', tries: 0 }, 0);
      await pending.add(hub, { deviceId: 'b', tries: 0 }, longMs);
      expect(await pending.approximateCount(hub)).toBe(2);
    });

    test('add with a delay hides the device for that time', async () => {
      await pending.add(hub, { deviceId: 'late', tries: 0 }, longMs);
      expect(await pending.take(hub, 32, longMs)).toEqual([]);
      await pending.add(hub, { deviceId: 'soon', tries: 0 }, 1_000);
      expect(await takeOne()).toMatchObject({ deviceId: 'soon' });
      expect(await pending.hasVisible(hub)).toBe(false);
    });

    test('take returns at most 32 messages in one call', async () => {
      const ids = Array.from({ length: 40 }, (_, index) => `d${index}`);
      await Promise.all(ids.map((deviceId) => pending.add(hub, { deviceId, tries: 0 }, 0)));
      expect(await pending.take(hub, 5, longMs)).toHaveLength(5);
      expect(await pending.take(hub, 100, longMs)).toHaveLength(32);
      expect(await pending.take(hub, 100, longMs)).toHaveLength(3);
      expect(await pending.take(hub, 100, longMs)).toHaveLength(0);
    });

    test('every valid device id is returned unchanged', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(legalId, { minLength: 1, maxLength: 10 }), async (ids) => {
          for (const [tries, deviceId] of ids.entries()) await pending.add(hub, { deviceId, tries }, 0);
          const taken = await pending.take(hub, 32, longMs);
          const byId = (a: { tries: number }, b: { tries: number }) => a.tries - b.tries;
          expect(devices(taken).sort(byId)).toEqual(ids.map((deviceId, tries) => ({ deviceId, tries })));
          for (const message of taken) await pending.remove(hub, message);
        }),
        { numRuns: 20 },
      );
    });
  });
}
