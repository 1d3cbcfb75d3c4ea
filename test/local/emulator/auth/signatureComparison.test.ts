import crypto from 'node:crypto';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { sasToken } from '../hubClient.ts';
import { withEmulator } from '../withEmulator.ts';

const digestBytes = 32;

/** Replaces the result of the comparison; returns the lengths of the compared values. */
function decideComparison(verdict: boolean): number[][] {
  const lengths: number[][] = [];
  jest.spyOn(crypto, 'timingSafeEqual').mockImplementation((left, right) => {
    lengths.push([left.byteLength, right.byteLength]);
    return verdict;
  });
  return lengths;
}

describe('The comparison of signatures', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test('signatures are compared only by timingSafeEqual over whole digests', async () => {
    await withEmulator({}, async (client, emulator) => {
      const good = sasToken(emulator.connectionString);
      const wrong = sasToken(emulator.connectionString, { key: Buffer.alloc(32, 9).toString('base64') });
      const statusWith = async (authorization: string) =>
        (await client.send('GET', '/statistics/devices', { authorization })).status;
      expect([await statusWith(good), await statusWith(wrong)]).toEqual([200, 401]);
      const whenNo = decideComparison(false);
      expect(await statusWith(good)).toBe(401);
      jest.restoreAllMocks();
      const whenYes = decideComparison(true);
      expect(await statusWith(wrong)).toBe(200);
      expect([...whenNo, ...whenYes]).toEqual([
        [digestBytes, digestBytes],
        [digestBytes, digestBytes],
      ]);
    });
  });

  test('a signature of another length is refused, even with the right beginning', async () => {
    await withEmulator({}, async (client, emulator) => {
      const good = sasToken(emulator.connectionString);
      const signature = decodeURIComponent(/sig=([^&]+)/.exec(good)?.[1] ?? '');
      const digest = Buffer.from(signature, 'base64');
      expect(digest).toHaveLength(digestBytes);
      for (let length = 0; length <= 2 * digestBytes; length += 1) {
        const other = Buffer.concat([digest, digest]).subarray(0, length).toString('base64');
        const authorization = good.replace(/sig=[^&]+/, () => `sig=${encodeURIComponent(other)}`);
        const { status } = await client.send('GET', '/statistics/devices', { authorization });
        expect([length, status]).toEqual([length, length === digestBytes ? 200 : 401]);
      }
    });
  });
});
