import { describe, expect, test } from '@jest/globals';
import type { Registry } from '../../../shared/hub/registry.ts';
import { IntakeLimiter } from '../../../shared/intake/intakeLimiter.ts';
import { type Intake, tryNow } from '../../../shared/intake/tryNow.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { FakeHub } from '../../support/fakeHub.ts';
import { MemoryDocuments } from '../../support/memoryStorage.ts';
import { hubConfig } from '../hub/hubConfig.ts';

function setUp() {
  const clock = new FakeClock();
  const hub = new FakeHub(clock);
  const intake: Intake = {
    hub: 'contoso',
    registry: hub.registry(),
    limiter: new IntakeLimiter(hubConfig(), { documents: new MemoryDocuments(), clock }),
    clock,
  };
  const serve = <T>(work: Parameters<typeof tryNow<T>>[1]) => clock.run(tryNow(intake, work));
  return { clock, hub, intake, serve };
}

describe('tryNow', () => {
  test('returns what the work returns, and throws what it throws', async () => {
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
    const { clock, intake, serve } = setUp();
    const startMs = clock.now();
    expect(await serve(() => intake.clock.sleep(4_999).then(() => 'just in time'))).toBe('just in time');
    expect(clock.now() - startMs).toBe(4_999);
    await expect(serve(() => intake.clock.sleep(60_000))).rejects.toMatchObject({
      name: 'HubError',
      kind: 'unavailable',
      code: 'IntakeTimeLimit',
    });
    expect(clock.now() - startMs).toBe(9_999);
  });

  test('throws LimitedError instead of sending a change for which no operation is left', async () => {
    const { clock, hub, serve } = setUp();
    hub.addDevice('a');
    const create = (registry: Registry, index: number) =>
      registry.createModule({ deviceId: 'a', moduleId: `m${index}`, authentication: 'sas' });
    for (let index = 0; index < 25; index++) await serve((registry) => create(registry, index)); // half of 50 a minute
    const limited = { name: 'HubError', kind: 'limited', hub: 'contoso', pending: false };
    await expect(serve((registry) => create(registry, 25))).rejects.toMatchObject(limited);
    expect(hub.moduleOf('a', 'm25')).toBeUndefined();
    expect(await serve((registry) => registry.hasModule({ deviceId: 'a', moduleId: 'm24' }))).toBe(true);
    const { retryAfterMs } = await serve((registry) => create(registry, 25)).catch((error) => error);
    await clock.advance(retryAfterMs);
    expect(await serve((registry) => create(registry, 25))).toBe('created');
  });

  test('sends no further call to the hub after the time limit, and lets the one in flight end', async () => {
    const { clock, hub, intake, serve } = setUp();
    hub.addDevice('a');
    let abortReason: unknown;
    const work = async (registry: Registry, signal: AbortSignal) => {
      signal.addEventListener('abort', () => {
        abortReason = signal.reason;
      });
      await registry.getDevice('a');
      await intake.clock.sleep(10_000); // a hub that responds late
      return registry.createModule({ deviceId: 'a', moduleId: 'm', authentication: 'sas' });
    };
    const thrown = await serve(work).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ kind: 'unavailable', code: 'IntakeTimeLimit' });
    expect(abortReason).toBe(thrown);
    await clock.advance(60_000);
    expect(hub.moduleOf('a', 'm')).toBeUndefined();
    expect(hub.calls).toHaveLength(1);
  });

  test('passes calls and their results through before the time limit', async () => {
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

  test('releases its slot when the work ends, also with an error', async () => {
    const { serve } = setUp();
    for (let round = 0; round < 20; round++) {
      await serve(async () => 'ok');
      await expect(serve(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    }
  });

  test('keeps the slot of work past its time limit until that work ends, even with an error', async () => {
    const { clock, intake, serve } = setUp();
    const hang = () => intake.clock.sleep(60_000).then(() => Promise.reject(new Error('too late')));
    const given = await Promise.allSettled(Array.from({ length: 5 }, () => serve(hang)));
    expect(given.map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
    await expect(serve(async () => 'a sixth')).rejects.toMatchObject({ kind: 'limited' });
    await clock.advance(60_000);
    expect(await serve(async () => 'a free slot')).toBe('a free slot');
  });
});
