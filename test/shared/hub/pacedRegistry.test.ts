import { describe, expect, test } from '@jest/globals';
import { agent, allCalls, creation, gaps, setUp, singleCalls, wholeHubCalls } from './pacedBench.ts';

describe('a throttled call', () => {
  test.each(allCalls)('%s is retried after at least 10 s each time, until it succeeds', async (operation, call) => {
    const { clock, hub, registry, refuseFirst } = setUp();
    refuseFirst(3, 'throttled');
    await clock.run(call(registry));
    expect(hub.calls.map((made) => made.operation)).toEqual(Array(4).fill(operation));
    for (const gapMs of gaps(hub)) expect(gapMs).toBeGreaterThanOrEqual(10_000);
  });

  test('waits longer each time, up to a minute and half a minute of jitter', async () => {
    const { clock, hub, registry, refuseFirst, pace } = setUp({ random: () => 0 });
    pace.random = () => 0.999;
    refuseFirst(6, 'throttled');
    const waits: number[] = [];
    const sleep = clock.sleep.bind(clock);
    clock.sleep = (delayMs, signal) => {
      waits.push(delayMs);
      return sleep(delayMs, signal);
    };
    await clock.run(registry.getDevice('a'));
    // The other waits are the budget's.
    const retries = waits.filter((ms) => ms >= 10_000);
    expect(retries.map((ms) => Math.round(ms / 1_000))).toEqual([20, 40, 70, 90, 90, 90]);
    expect(hub.calls).toHaveLength(7);
  });

  test('halves the rate of its class only', async () => {
    const { clock, registry, refuseFirst, pace } = setUp();
    refuseFirst(2, 'throttled');
    await clock.run(registry.createModules([creation]));
    // A quarter of 50, plus a twentieth of 50 for every 30 s since.
    expect(pace.budgets.registry.ratePerMinute).toBeGreaterThanOrEqual(12.5);
    expect(pace.budgets.registry.ratePerMinute).toBeLessThanOrEqual(17.5);
    expect(pace.budgets.queries.ratePerMinute).toBe(pace.budgets.queries.grantedPerMinute);
    expect(pace.budgets.twinReads.ratePerMinute).toBe(pace.budgets.twinReads.grantedPerMinute);
  });

  test('has the same result as one without throttling', async () => {
    const { clock, hub, registry, refuseFirst } = setUp();
    refuseFirst(2, 'throttled');
    expect(await clock.run(registry.createModules([creation]))).toEqual(['created']);
    expect(hub.moduleOf('a', agent)).toMatchObject({ key: 1 });
  });
});

describe('an unavailable hub', () => {
  test.each(wholeHubCalls)('makes %s retry at the same rate', async (operation, call) => {
    const { clock, hub, registry, refuseFirst, pace } = setUp();
    refuseFirst(4, 'unavailable');
    await clock.run(call(registry));
    expect(hub.calls.map((made) => made.operation)).toEqual(Array(5).fill(operation));
    for (const budget of Object.values(pace.budgets)) expect(budget.ratePerMinute).toBe(budget.grantedPerMinute);
    for (const [attempt, gapMs] of gaps(hub).entries()) expect(gapMs).toBeGreaterThanOrEqual(1_000 * 2 ** attempt);
  });

  test.each(singleCalls)('makes %s throw at once', async (_operation, call) => {
    const { clock, hub, registry, refuseFirst, waiting } = setUp();
    refuseFirst(1, 'unavailable');
    await expect(clock.run(call(registry))).rejects.toMatchObject({ name: 'HubError', kind: 'unavailable' });
    expect(hub.calls).toHaveLength(1);
    expect(waiting).toEqual([]);
  });
});

test.each(['deviceNotFound', 'unauthorized', 'forbidden', 'identityCap', 'dailyQuota', 'invalid'] as const)(
  '%s is thrown at once by every call',
  async (kind) => {
    for (const [, call] of allCalls) {
      const { clock, hub, registry, refuseFirst } = setUp();
      refuseFirst(1, kind);
      await expect(clock.run(call(registry))).rejects.toMatchObject({ kind });
      expect(hub.calls).toHaveLength(1);
    }
  },
);

describe('before every call a paced registry', () => {
  test('calls beforeCall, after the wait for the budget and in every attempt', async () => {
    const { clock, registry, callsBefore, refuseFirst } = setUp();
    refuseFirst(2, 'throttled');
    await clock.run(registry.getDevice('a'));
    await clock.run(registry.createModules([creation]));
    expect(callsBefore).toEqual([0, 1, 2, 3]);
  });

  test('throws the error of beforeCall without a call', async () => {
    const reason = new Error('the run was cancelled');
    for (const [, call] of allCalls) {
      const { clock, hub, registry } = setUp({ beforeCall: () => Promise.reject(reason) });
      await expect(clock.run(call(registry))).rejects.toBe(reason);
      expect(hub.calls).toEqual([]);
    }
  });

  test('takes one operation from the budget for each identity, query and read', async () => {
    const { clock, hub, registry } = setUp();
    const startMs = clock.now();
    // At 50 registry operations per minute.
    const creations = Array.from({ length: 25 }, (_, index) => ({ ...creation, deviceId: `d${index}` }));
    for (const { deviceId } of creations) hub.addDevice(deviceId);
    await clock.run(registry.createModules(creations));
    expect(clock.now() - startMs).toBe(30_000);
    await clock.run(registry.createModule(creation));
    await clock.run(registry.countDevices());
    expect(clock.now() - startMs).toBe(32_400);
  });
});

describe('an abort of a paced registry', () => {
  test.each([
    ['for the budget', 0],
    ['after a throttled response', 1],
  ])('ends the wait %s with its reason', async (_where, refused) => {
    const { clock, hub, registry, abort, refuseFirst } = setUp();
    refuseFirst(refused, 'throttled');
    const reason = new Error('the slice ended');
    const work = registry.createModules([creation]).catch((error: unknown) => error);
    if (refused > 0) await clock.advance(2_000);
    expect(hub.calls).toHaveLength(refused);
    abort.abort(reason);
    expect(await work).toBe(reason);
    await clock.advance(600_000);
    expect(hub.calls).toHaveLength(refused);
  });
});

describe('onWaiting of a paced registry', () => {
  test('gets the reason before each wait, and undefined after a successful call', async () => {
    const { clock, registry, waiting, refuseFirst } = setUp();
    refuseFirst(2, 'throttled');
    await clock.run(registry.getDevice('a'));
    const reason = 'test on hub contoso: throttled (HTTP 429)';
    expect(waiting).toStrictEqual([reason, reason, undefined]);
  });

  test('gets undefined after a refusal too', async () => {
    const { clock, hub, registry, waiting } = setUp();
    hub.onCall = () => {
      throw hub.error(hub.calls.length === 1 ? 'throttled' : 'deviceNotFound');
    };
    await expect(clock.run(registry.getDevice('a'))).rejects.toMatchObject({ kind: 'deviceNotFound' });
    expect(waiting).toStrictEqual(['test on hub contoso: throttled', undefined]);
  });
});
