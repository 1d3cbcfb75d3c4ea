import { describe, expect, test } from '@jest/globals';
import { defaultIdleTimeoutMs } from '../../../shared/hub/connectHub.ts';
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
    // The other waits are the budget's, and the first long one is the timer for a hub that never responds.
    const [, ...retries] = waits.filter((ms) => ms >= 10_000);
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

  test('halves the rate also if it is optional and thus not retried', async () => {
    const { clock, registry, refuseFirst, pace } = setUp();
    refuseFirst(1, 'throttled');
    await expect(clock.run(registry.countModules())).rejects.toMatchObject({ kind: 'throttled' });
    const { ratePerMinute, grantedPerMinute } = pace.budgets.queries;
    expect(ratePerMinute).toBe(grantedPerMinute / 2);
  });

  test('has the same result as one without throttling', async () => {
    const { clock, hub, registry, refuseFirst } = setUp();
    refuseFirst(2, 'throttled');
    expect(await clock.run(registry.createModules([creation]))).toEqual(['created']);
    expect(hub.moduleOf('a', agent)).toMatchObject({ key: 1 });
  });
});

describe('an unavailable hub', () => {
  const reads = [...singleCalls.filter(([operation]) => !operation.startsWith('create')), ...wholeHubCalls];

  test.each(reads)('makes %s wait until the hub serves one probe, at the same rate', async (operation, call) => {
    const { clock, hub, registry, refuseFirst, pace } = setUp();
    refuseFirst(4, 'unavailable');
    await clock.run(call(registry));
    const probes = Array(4).fill('countDevices');
    expect(hub.calls.map((made) => made.operation)).toEqual([operation, ...probes, operation]);
    for (const budget of Object.values(pace.budgets)) expect(budget.ratePerMinute).toBe(budget.grantedPerMinute);
    const probeGaps = gaps(hub).slice(1, -1);
    for (const [attempt, gapMs] of probeGaps.entries()) expect(gapMs).toBeGreaterThanOrEqual(1_000 * 2 ** attempt);
  });

  test.each(singleCalls.filter(([operation]) => operation.startsWith('create')))(
    'makes %s throw once the hub serves again, since the change may have been made',
    async (operation, call) => {
      const { clock, hub, registry, refuseFirst } = setUp();
      refuseFirst(3, 'unavailable');
      await expect(clock.run(call(registry))).rejects.toMatchObject({ name: 'HubError', kind: 'unavailable' });
      expect(hub.calls.map((made) => made.operation)).toEqual([operation, ...Array(3).fill('countDevices')]);
    },
  );

  test('is probed by one call for all that wait', async () => {
    const { clock, hub, registry, refuseFirst } = setUp();
    refuseFirst(12, 'unavailable');
    await clock.run(Promise.all(Array.from({ length: 10 }, () => registry.getDevice('a'))));
    expect(hub.calls.filter(({ operation }) => operation === 'countDevices')).toHaveLength(3);
  });

  test('is left after 20 s without a served call', async () => {
    const { clock, hub, registry, pace } = setUp();
    hub.onCall = () => {
      throw hub.error('unavailable', { status: 503 });
    };
    const startMs = clock.now();
    const call = clock.run(registry.getDevice('a'));
    await expect(call).rejects.toMatchObject({ name: 'HubOutageError', message: expect.stringContaining('HTTP 503') });
    expect(clock.now() - startMs).toBeLessThanOrEqual(25_000);
    expect(pace.outage.leave.aborted).toBe(true);
  });

  test('that never responds is left after 20 s', async () => {
    const { clock, hub, registry, pace } = setUp();
    hub.onCall = () => clock.sleep(100_000);
    void registry.getDevice('a').catch(() => undefined);
    await clock.advance(22_000);
    expect(pace.outage.leave.reason).toMatchObject({ name: 'HubOutageError', probeError: undefined });
  });

  /** As a hub that accepts connections and does not respond: calls fail at their idle timeout. */
  const hang = async ({ clock, hub }: ReturnType<typeof setUp>) => {
    await clock.sleep(defaultIdleTimeoutMs);
    throw hub.error('unavailable', { code: 'ETIMEDOUT' });
  };

  test('that stops responding is left 20 s after the first call has failed', async () => {
    const bench = setUp();
    const { clock, hub, registry, pace } = bench;
    await clock.run(registry.getDevice('a'));
    hub.onCall = () => hang(bench);
    const startMs = clock.now();
    const reason = { name: 'HubOutageError', message: expect.stringContaining('read statistics') };
    await expect(clock.run(registry.getDevice('a'))).rejects.toMatchObject(reason);
    expect(clock.now() - startMs).toBeLessThan(defaultIdleTimeoutMs + 21_000);
    expect(pace.outage.leave.aborted).toBe(true);
  });

  test('that holds one call for 40 s before its 429, and serves no other, is not left', async () => {
    const { clock, hub, registry, pace } = setUp();
    await clock.run(registry.getDevice('a'));
    hub.onCall = async () => {
      hub.onCall = () => undefined;
      await clock.sleep(40_000);
      throw hub.error('throttled', { status: 429 });
    };
    expect(await clock.run(registry.createModule(creation))).toBe('created');
    expect(pace.outage.leave.aborted).toBe(false);
  });

  test('is not left while only a probe hangs and other calls are served', async () => {
    const bench = setUp();
    const { clock, hub, registry, pace } = bench;
    await clock.run(registry.getDevice('a'));
    hub.onCall = async (operation, [deviceId]) => {
      if (operation === 'countDevices') await hang(bench);
      if (operation === 'listDevices') await clock.sleep(10_000);
      if (deviceId === 'a') throw hub.error('unavailable', { status: 500 });
    };
    const listed = registry.listDevices({ withTags: false, maxRows: 100 });
    await expect(clock.run(registry.createModule(creation))).rejects.toMatchObject({ status: 500 });
    expect(await clock.run(listed)).toMatchObject({ rows: [{ deviceId: 'a' }] });
    expect(pace.outage.leave.aborted).toBe(false);
  });

  test('is not left while the first probe of a slice waits for the budget', async () => {
    const { clock, hub, registry, pace } = setUp({}, { wasOut: true, beforeProbe: () => clock.sleep(60_000) });
    await clock.run(registry.getDevice('a'));
    expect(hub.calls.map(({ operation }) => operation)).toEqual(['countDevices', 'getDevice']);
    expect(pace.outage.leave.aborted).toBe(false);
  });
});

describe('a device whose own calls fail', () => {
  const failing = (operations: readonly string[]) => {
    const bench = setUp();
    bench.hub.onCall = (operation) => {
      if (operations.includes(operation)) throw bench.hub.error('unavailable', { status: 500 });
    };
    return bench;
  };

  test('has its reads tried three times, while the hub serves others', async () => {
    const { clock, hub, registry } = failing(['getDevice']);
    await expect(clock.run(registry.getDevice('a'))).rejects.toMatchObject({ kind: 'unavailable' });
    expect(hub.calls.filter(({ operation }) => operation === 'getDevice')).toHaveLength(3);
  });

  test('has its change thrown at once, for the caller to look up', async () => {
    const { clock, hub, registry } = failing(['createModule']);
    await expect(clock.run(registry.createModule(creation))).rejects.toMatchObject({ kind: 'unavailable' });
    expect(hub.calls.filter(({ operation }) => operation === 'createModule')).toHaveLength(1);
  });
});

test.each(['unavailable', 'throttled', 'invalid'] as const)(
  'the optional count of modules is tried only once when it fails as %s',
  async (kind) => {
    const { clock, hub, registry, refuseFirst } = setUp();
    refuseFirst(1, kind);
    await expect(clock.run(registry.countModules())).rejects.toMatchObject({ kind });
    expect(hub.calls).toHaveLength(1);
  },
);

test.each(['deviceNotFound', 'unauthorized', 'forbidden', 'identityCap', 'dailyQuota', 'invalid'] as const)(
  '%s is thrown at once by every call about devices',
  async (kind) => {
    for (const [, call] of singleCalls) {
      const { clock, hub, registry, refuseFirst } = setUp();
      refuseFirst(1, kind);
      await expect(clock.run(call(registry))).rejects.toMatchObject({ kind });
      expect(hub.calls).toHaveLength(1);
    }
  },
);

test.each(wholeHubCalls)(
  'a 400 of %s is thrown only after the third try, since it may pass',
  async (_operation, call) => {
    const passing = setUp();
    passing.refuseFirst(2, 'invalid');
    await passing.clock.run(call(passing.registry));
    const lasting = setUp();
    lasting.refuseFirst(3, 'invalid');
    await expect(lasting.clock.run(call(lasting.registry))).rejects.toMatchObject({ kind: 'invalid' });
    expect(lasting.hub.calls).toHaveLength(3);
  },
);

test.each(['unauthorized', 'forbidden', 'identityCap', 'dailyQuota'] as const)(
  '%s is thrown at once by every call about the whole hub',
  async (kind) => {
    for (const [, call] of wholeHubCalls) {
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
