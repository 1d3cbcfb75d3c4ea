import { describe, expect, test } from '@jest/globals';
import { atOnce } from '../../../shared/door/atOnce.ts';
import { DoorBucket } from '../../../shared/hub/doorBucket.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { hubConfig } from '../hub/hubConfig.ts';

function setUp() {
  const clock = new FakeClock();
  const door = { hub: 'contoso', bucket: new DoorBucket(hubConfig(), clock), clock };
  return { clock, door, serve: <T>(work: () => Promise<T>, cost = 1) => clock.run(atOnce(door, cost, work)) };
}

describe('serving one device at once', () => {
  test('answers what the work answers, and throws what it throws', async () => {
    const { serve } = setUp();
    expect(await serve(async () => 'done')).toBe('done');
    const error = new Error('no');
    await expect(serve(() => Promise.reject(error))).rejects.toBe(error);
    await expect(
      serve(() => {
        throw error;
      }),
    ).rejects.toBe(error);
  });

  test('takes at most five seconds', async () => {
    const { clock, door, serve } = setUp();
    const startMs = clock.now();
    expect(await serve(() => door.clock.sleep(4_999).then(() => 'just in time'))).toBe('just in time');
    expect(clock.now() - startMs).toBe(4_999);
    await expect(serve(() => door.clock.sleep(60_000))).rejects.toMatchObject({
      name: 'HubError',
      kind: 'unavailable',
      code: 'DoorTimeLimit',
    });
    expect(clock.now() - startMs).toBe(9_999);
  });

  test('is limited, without any work, when the bucket has no place', async () => {
    const { serve } = setUp();
    await serve(async () => 'all tokens', 5);
    let worked = false;
    const work = async () => {
      worked = true;
    };
    await expect(serve(work)).rejects.toMatchObject({ name: 'HubError', kind: 'limited', hub: 'contoso' });
    expect(worked).toBe(false);
  });

  test('gives its place back when the work ends, however it ends', async () => {
    const { serve } = setUp();
    for (let round = 0; round < 20; round++) {
      await serve(async () => 'ok', 0);
      await expect(serve(() => Promise.reject(new Error('no')), 0)).rejects.toThrow('no');
    }
  });

  test('keeps the place of work that was given up until it ends, even badly', async () => {
    const { clock, door, serve } = setUp();
    const hang = () => door.clock.sleep(60_000).then(() => Promise.reject(new Error('too late')));
    const given = await Promise.allSettled(Array.from({ length: 5 }, () => serve(hang, 0)));
    expect(given.map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
    await expect(serve(async () => 'a sixth', 0)).rejects.toMatchObject({ kind: 'limited' });
    await clock.advance(60_000);
    expect(await serve(async () => 'a place again', 0)).toBe('a place again');
  });
});
