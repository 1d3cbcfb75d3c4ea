import { beforeEach, describe, expect, test } from '@jest/globals';
import { observedRegistry } from '../../../shared/hub/observedRegistry.ts';
import { MemoryTelemetry } from '../../support/memoryTelemetry.ts';
import { agent } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';

const hub = 'contoso';
const event = (digit: string) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`;

describe('the telemetry of the worker', () => {
  let bench: WorkerBench;
  let memory: MemoryTelemetry;

  beforeEach(() => {
    bench = new WorkerBench();
    memory = new MemoryTelemetry(bench.clock);
    bench.telemetry = memory.telemetry;
    const registry = bench.hub.registry();
    const observed = observedRegistry(registry, bench.config, memory.telemetry);
    bench.hub.registry = () => observed;
  });

  async function addPending(deviceId: string, traceparent?: string, eventTime?: string): Promise<void> {
    const origin = { ...(traceparent ? { traceparent } : {}), ...(eventTime ? { eventTime } : {}) };
    await bench.pending.add(hub, { deviceId, tries: 0, origin }, 0);
  }

  test('puts all spans of a pending device into the operation of its event', async () => {
    bench.hub.addDevice('a');
    await addPending('a', event('a'), new Date(bench.clock.now() - 7_000).toISOString());
    await memory.telemetry.withinRemote(event('e'), () => bench.slices());
    const [device] = memory.spans('reconcile pending device');
    expect(device).toMatchObject({
      traceId: 'a'.repeat(32),
      parentSpanId: 'a'.repeat(16),
      attributes: { outcome: 'created' },
      links: [{ traceId: 'e'.repeat(32), spanId: 'e'.repeat(16) }],
    });
    const calls = memory.spans().filter((span) => span.kind === 'call' && span.parentSpanId === device?.spanId);
    expect(calls.map(({ name, traceId }) => [name, traceId])).toEqual([
      ['read device twin', 'a'.repeat(32)],
      ['create modules in bulk', 'a'.repeat(32)],
    ]);
    const [{ value: delay } = {}] = memory.metric('keeper.event_to_module_seconds');
    expect(Number(delay)).toBeGreaterThanOrEqual(7);
    expect(memory.sum('keeper.outcomes', { hub, moduleId: agent, outcome: 'created', path: 'pending' })).toBe(1);
  });

  test('puts the bulk call for several devices into its own operation, with links to theirs', async () => {
    for (const id of ['a', 'b']) bench.hub.addDevice(id);
    await addPending('a', event('a'));
    await addPending('b', event('b'));
    await memory.telemetry.withinRemote(event('e'), () => bench.slices());
    const devices = memory.spans('reconcile pending device');
    expect(devices.map(({ traceId, attributes }) => [traceId[0], attributes.outcome])).toEqual([
      ['a', 'created'],
      ['b', 'created'],
    ]);
    const [together] = memory.spans('create modules of pending devices');
    expect(together?.traceId).toBe('e'.repeat(32));
    expect(together?.links).toEqual(devices.map(({ traceId, spanId }) => ({ traceId, spanId })));
    expect(memory.spans('create modules in bulk')).toMatchObject([{ parentSpanId: together?.spanId }]);
  });

  test('puts a pending device without an origin, as in messages of earlier versions, into the operation of the worker', async () => {
    bench.hub.addDevice('old');
    await bench.pending.add(hub, { deviceId: 'old', tries: 0 }, 0);
    await memory.telemetry.withinRemote(event('e'), () => bench.slices());
    expect(memory.spans('reconcile pending device')).toMatchObject([{ traceId: 'e'.repeat(32) }]);
    expect(memory.metric('keeper.event_to_module_seconds')).toEqual([]);
  });

  test('uses the origin of a device at each try, and records one outcome at the end', async () => {
    await addPending('late', event('a'));
    for (let tries = 0; bench.pending.deviceIds(hub).length > 0 && tries < 10; tries++) {
      await bench.slices();
      await bench.clock.advance(300_000);
    }
    const spans = memory.spans('reconcile pending device');
    expect(spans.map(({ traceId, attributes }) => [traceId[0], attributes.tries])).toEqual([
      ['a', 0],
      ['a', 1],
      ['a', 2],
      ['a', 3],
      ['a', 4],
    ]);
    expect(spans[0]).toMatchObject({ attributes: { outcome: 'pending' } });
    expect(spans.at(-1)).toMatchObject({ failed: true, attributes: { outcome: 'gone' } });
    expect(memory.metric('keeper.outcomes')).toEqual([
      { value: 1, hub, moduleId: agent, outcome: 'gone', path: 'pending', reason: 'deviceNotFound' },
    ]);
  });

  test('records for a sweep outcomes that add up to its counts, its duration, and that the hub is not blocked', async () => {
    for (let index = 0; index < 20; index++) bench.hub.addDevice(`d${index}`, { edge: index < 3 });
    bench.hub.addModule('d10', agent);
    const { runId } = await bench.start();
    await bench.slices();
    const { counts, startedAt, finishedAt } = await bench.run(runId);
    const outcomes = (outcome: string) =>
      memory.sum('keeper.outcomes', { hub, moduleId: agent, path: 'sweep', outcome });
    expect([outcomes('created'), outcomes('unchanged'), outcomes('excluded')]).toEqual([16, 1, 3]);
    expect([counts.created, counts.unchanged]).toEqual([16, 1]);
    const seconds = (Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? '')) / 1000;
    expect(memory.metric('keeper.run_seconds')).toEqual([{ value: seconds, hub, status: 'done', dryRun: false }]);
    expect(memory.metric('keeper.hub_blocked').at(-1)).toEqual({ value: 0, hub });
  });

  test('records no outcomes for a dry run', async () => {
    bench.hub.addDevice('a');
    await bench.start(true);
    await bench.slices();
    expect(memory.metric('keeper.outcomes')).toEqual([]);
    expect(memory.metric('keeper.run_seconds')).toMatchObject([{ status: 'done', dryRun: true }]);
  });

  test('records for a 429 response the call and the time waited', async () => {
    bench.hub.addDevice('a');
    let refused = false;
    bench.hub.onCall = (operation) => {
      if (operation !== 'createModules' || refused) return;
      refused = true;
      throw bench.hub.error('throttled', { status: 429 });
    };
    await bench.start();
    await bench.slices();
    const of = { hub, operationClass: 'registry', operation: 'create modules in bulk' };
    expect([
      memory.sum('keeper.hub_calls', { ...of, status: '429' }),
      memory.sum('keeper.hub_calls', { ...of, status: '200' }),
    ]).toEqual([1, 1]);
    const waited = memory.sum('keeper.throttled_seconds', { hub, operationClass: 'registry' });
    expect(waited).toBeGreaterThanOrEqual(10);
    expect(waited).toBeLessThanOrEqual(20);
    expect(memory.sum('keeper.hub_calls')).toBe(bench.hub.calls.length);
  });

  test('records that the hub is blocked if it refuses pending devices', async () => {
    bench.hub.addDevice('a');
    await addPending('a');
    bench.hub.onCall = () => {
      throw bench.hub.error('unauthorized', { status: 401 });
    };
    await bench.slice();
    expect(memory.metric('keeper.hub_blocked')).toEqual([{ value: 1, hub }]);
    expect(memory.spans('read device twin')).toMatchObject([{ failed: true, attributes: { kind: 'unauthorized' } }]);
  });

  test.each(['forbidden', 'unauthorized', 'dailyQuota', 'identityCap'] as const)(
    'records that the hub is blocked if it refuses a sweep with "%s", and that it is not blocked afterwards',
    async (kind) => {
      bench.hub.addDevice('a');
      bench.hub.onCall = (operation) => {
        if (operation.startsWith('createModule')) throw bench.hub.error(kind);
      };
      await bench.start();
      await bench.slices();
      expect(memory.metric('keeper.hub_blocked').at(-1)).toEqual({ value: 1, hub });
      bench.hub.onCall = () => {};
      await bench.start();
      await bench.slices();
      expect(memory.metric('keeper.hub_blocked').at(-1)).toEqual({ value: 0, hub });
    },
  );

  /** Returns the recorded shares of the registry budget, in order. */
  const sharesUsed = () =>
    memory
      .metric('keeper.budget_used')
      .filter(({ operationClass }) => operationClass === 'registry')
      .map(({ value }) => Number(value));

  test('records a share of the budget of at most 1, and of more than 0.9 during a sweep', async () => {
    for (let index = 0; index < 200; index++) bench.hub.addDevice(`d${index}`);
    await bench.start();
    await bench.slices();
    expect(Math.max(...sharesUsed())).toBeLessThanOrEqual(1);
    expect(Math.max(...sharesUsed())).toBeGreaterThan(0.9);
  });

  test('includes in the share what the slice before has spent within the last minute', async () => {
    for (let index = 0; index < 200; index++) bench.hub.addDevice(`d${index}`);
    bench.sliceMs = 25_000;
    await bench.start();
    await bench.slice();
    const before = sharesUsed();
    await bench.slice();
    const [firstAfter] = sharesUsed().slice(before.length);
    expect(before.at(-1)).toBeGreaterThan(0.2);
    expect(firstAfter).toBeGreaterThan(Number(before.at(-1)));
  });
});
