import { beforeEach, describe, expect, test } from '@jest/globals';
import { inSpan, spanIdsOf, type Telemetry } from '../../../shared/telemetry/telemetry.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { MemoryTelemetry } from '../../support/memoryTelemetry.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';
const traceparent = `00-${traceId}-${spanId}-00`;

describe('RecordingTelemetry', () => {
  let clock: FakeClock;
  let memory: MemoryTelemetry;
  beforeEach(() => {
    clock = new FakeClock(1_000);
    memory = new MemoryTelemetry(clock);
  });

  test('records nested spans with their times, in the operation of another process', async () => {
    const { telemetry } = memory;
    await telemetry.withinRemote(traceparent, () =>
      inSpan(telemetry, 'outer', {}, async () => {
        await clock.advance(5);
        await inSpan(telemetry, 'inner', { kind: 'call', attributes: { hub: 'contoso' } }, async () =>
          clock.advance(2),
        );
      }),
    );
    const [inner, outer] = memory.spans();
    expect(outer).toMatchObject({ traceId, parentSpanId: spanId, startMs: 1_000, endMs: 1_007, failed: false });
    expect(inner).toMatchObject({ traceId, parentSpanId: outer?.spanId, startMs: 1_005, kind: 'call' });
  });

  test('keeps the current spans of parallel calls separate', async () => {
    const { telemetry } = memory;
    await Promise.all(
      ['a', 'b'].map((name) =>
        inSpan(telemetry, name, {}, async () => {
          await new Promise((resolve) => setImmediate(resolve));
          telemetry.log('warn', name, {});
        }),
      ),
    );
    for (const { message, span } of memory.logs()) {
      const [own] = memory.spans(message);
      expect(span).toEqual({ traceId: own?.traceId, spanId: own?.spanId });
    }
    expect(memory.spans('a')[0]?.traceId).not.toBe(memory.spans('b')[0]?.traceId);
  });

  test('prefers an explicit parent to the current span, and records that span without waiting for the current one', async () => {
    const { telemetry } = memory;
    const outer = telemetry.startSpan('outer');
    telemetry.within(outer, () => telemetry.startSpan('other', { parent: traceparent }).end());
    expect(memory.spans('other')).toMatchObject([{ traceId, parentSpanId: spanId }]);
    expect(memory.spans('outer')).toEqual([]); // it has not ended
  });

  test('omits undefined fields and null fields', () => {
    memory.telemetry.log('info', 'Line', { hub: 'contoso', reason: undefined, runId: null });
    expect(memory.logs()).toMatchObject([{ message: 'Line', fields: { hub: 'contoso' }, atMs: 1_000 }]);
    expect(Object.keys(memory.logs()[0]?.fields ?? {})).toEqual(['hub']);
  });

  test.each([
    undefined,
    '',
    'x',
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId}`,
  ])('ignores the invalid traceparent "%s"', (text) => {
    expect(spanIdsOf(text)).toBeUndefined();
    memory.telemetry.withinRemote(text, () => memory.telemetry.startSpan('root').end());
    expect(memory.spans('root')[0]).not.toHaveProperty('parentSpanId');
  });
});

describe('RecordingTelemetry with a span that has more than 200 records', () => {
  const call = (telemetry: Telemetry, name: string, fails: boolean) => {
    const span = telemetry.startSpan(name, { kind: 'call' });
    if (fails) span.fail();
    span.end();
  };

  test('records every failed call, and every other record after the first failure', () => {
    const memory = new MemoryTelemetry(new FakeClock());
    const outer = memory.telemetry.startSpan('outer');
    memory.telemetry.within(outer, () => {
      for (let index = 0; index < 300; index++) call(memory.telemetry, 'good before', false);
      expect(memory.records).toEqual([]);
      for (let index = 0; index < 300; index++) call(memory.telemetry, 'failed', true);
      for (let index = 0; index < 300; index++) call(memory.telemetry, 'good after', false);
    });
    // Before the first failure at most 200 records wait.
    const counts = () => ['good before', 'failed', 'good after', 'outer'].map((name) => memory.spans(name).length);
    expect(counts()).toEqual([200, 300, 300, 0]);
    outer.end();
    expect(counts()).toEqual([200, 300, 300, 1]);
    expect(new Set(memory.spans().map((span) => span.sampleRatePercent))).toEqual(new Set([100]));
  });

  test('records the first 200 and the span itself if nothing fails', () => {
    const memory = new MemoryTelemetry(new FakeClock());
    const outer = memory.telemetry.startSpan('outer');
    memory.telemetry.within(outer, () => {
      for (let index = 0; index < 300; index++) call(memory.telemetry, 'good', false);
    });
    outer.end();
    expect([memory.spans('good').length, memory.spans('outer').length]).toEqual([200, 1]);
  });
});

describe('RecordingTelemetry with 1,000 operations', () => {
  const many = 1_000;

  async function many1000(work: (index: number, memory: MemoryTelemetry) => Promise<void>): Promise<MemoryTelemetry> {
    const memory = new MemoryTelemetry(new FakeClock());
    for (let index = 0; index < many; index++) {
      // Consecutive ids would all be kept or all be dropped.
      const parent = `00-${index.toString(16).padStart(24, 'f')}${Math.floor(((index * 0.618) % 1) * 2 ** 32)
        .toString(16)
        .padStart(8, '0')}-${spanId}-01`;
      await memory.telemetry.withinRemote(parent, () => work(index, memory)).catch(() => undefined);
    }
    return memory;
  }

  test('keeps a share of them, each completely or not at all', async () => {
    const memory = await many1000((index, { telemetry }) =>
      inSpan(telemetry, 'admit device', {}, async () => {
        await inSpan(telemetry, 'call', { kind: 'call' }, async () => undefined);
        telemetry.log('info', 'Outcome for one module of a device', { deviceId: String(index), outcome: 'created' });
      }),
    );
    const kept = memory.spans('admit device').map((span) => span.traceId);
    expect(kept.length).toBeGreaterThan(40);
    expect(kept.length).toBeLessThan(400);
    expect(memory.spans('call').map((span) => span.traceId)).toEqual(kept);
    expect(memory.logs().map(({ span }) => span?.traceId)).toEqual(kept);
    expect(Math.min(...memory.spans().map((span) => span.sampleRatePercent))).toBeLessThan(10);
  });

  test('keeps every failed operation completely', async () => {
    const memory = await many1000((_index, { telemetry }) =>
      inSpan(telemetry, 'admit device', {}, async () => {
        await inSpan(telemetry, 'call', { kind: 'call' }, async () => Promise.reject(new Error('no')));
      }),
    );
    expect(memory.spans('admit device')).toHaveLength(many);
    expect(
      memory.spans('call').filter(({ failed, sampleRatePercent }) => failed && sampleRatePercent === 100),
    ).toHaveLength(many);
  });

  test('keeps every warning, every line with a bad outcome, and every line that is not about a device', async () => {
    const memory = await many1000(async (index, { telemetry }) => {
      telemetry.log('warn', 'warning', { deviceId: String(index) });
      telemetry.log('info', 'gone', { deviceId: String(index), outcome: 'gone' });
      telemetry.log('info', 'run', { hub: 'contoso' });
      telemetry.log('info', 'good', { deviceId: String(index), outcome: 'created' });
    });
    const count = (message: string) => memory.logs().filter((line) => line.message === message).length;
    expect([count('warning'), count('gone'), count('run')]).toEqual([many, many, many]);
    expect(count('good')).toBeLessThan(many / 2);
  });

  test('keeps every measurement', async () => {
    const memory = await many1000(async (_index, { telemetry }) =>
      telemetry.count('keeper.hub_calls', 1, { hub: 'contoso' }),
    );
    expect(memory.sum('keeper.hub_calls')).toBe(many);
  });
});
