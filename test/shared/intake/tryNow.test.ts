import { describe, expect, test } from '@jest/globals';
import { IntakeBucket } from '../../../shared/hub/intakeBucket.ts';
import type { Registry } from '../../../shared/hub/registry.ts';
import { type Intake, tryNow } from '../../../shared/intake/tryNow.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { FakeHub } from '../../support/fakeHub.ts';
import { hubConfig } from '../hub/hubConfig.ts';

function setUp() {
  const clock = new FakeClock();
  const hub = new FakeHub(clock);
  const door: Intake = {
    hub: 'contoso',
    registry: hub.registry(),
    bucket: new IntakeBucket(hubConfig(), clock),
    clock,
  };
  const serve = <T>(work: Parameters<typeof tryNow<T>>[2], cost = 1) => clock.run(tryNow(door, cost, work));
  return { clock, hub, door, serve };
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
      code: 'IntakeTimeLimit',
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
    // A bucket of 5 tokens a minute has the next one after 12 s.
    const limited = { name: 'HubError', kind: 'limited', hub: 'contoso', retryAfterMs: 12_000 };
    await expect(serve(work)).rejects.toMatchObject(limited);
    expect(worked).toBe(false);
  });

  test('starts no further call to the hub when time is up, and lets the one under way end', async () => {
    const { clock, hub, door, serve } = setUp();
    hub.addDevice('a');
    let heard: unknown;
    const work = async (registry: Registry, signal: AbortSignal) => {
      signal.addEventListener('abort', () => {
        heard = signal.reason;
      });
      await registry.getDevice('a');
      await door.clock.sleep(10_000); // as a hub that answers late
      return registry.createModule({ deviceId: 'a', moduleId: 'm', authentication: 'sas' });
    };
    const given = await serve(work).catch((error: unknown) => error);
    expect(given).toMatchObject({ kind: 'unavailable', code: 'IntakeTimeLimit' });
    expect(heard).toBe(given);
    await clock.advance(60_000);
    expect(hub.moduleOf('a', 'm')).toBeUndefined();
    expect(hub.calls).toHaveLength(1);
  });

  test('passes each call on, and its answer back, while there is time', async () => {
    const { hub, serve } = setUp();
    hub.addDevice('a');
    const made = await serve(async (registry) => [
      (await registry.getDevice('a')).deviceId,
      await registry.createModule({ deviceId: 'a', moduleId: 'm', authentication: 'sas' }),
      await registry.hasModule({ deviceId: 'a', moduleId: 'm' }),
      await registry.countDevices(),
    ]);
    expect(made).toEqual(['a', 'created', true, 1]);
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
