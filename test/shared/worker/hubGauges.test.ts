import { describe, expect, test } from '@jest/globals';
import { coverageOf, noCounts } from '../../../shared/run/counts.ts';
import { updateHubDocument } from '../../../shared/run/hubDocument.ts';
import type { MetricName } from '../../../shared/telemetry/metrics.ts';
import { recordHubGauges } from '../../../shared/worker/hubGauges.ts';
import { MemoryTelemetry } from '../../support/memoryTelemetry.ts';
import { WorkerBench } from '../../support/workerBench.ts';

const hub = 'contoso';

test('the gauges of a hub are its pending devices and its coverage', async () => {
  const bench = new WorkerBench();
  const memory = new MemoryTelemetry(bench.clock);
  for (const id of ['a', 'b', 'c', 'd']) bench.hub.addDevice(id, { status: id === 'a' ? 'disabled' : 'enabled' });
  await bench.pending.add(hub, { deviceId: 'x', tries: 0 }, 0);
  await bench.start();
  await bench.slice();
  await bench.slices();
  await bench.pending.add(hub, { deviceId: 'y', tries: 0 }, 0);
  await bench.pending.add(hub, { deviceId: 'z', tries: 0 }, 0);
  await recordHubGauges({ ...bench.deps, telemetry: memory.telemetry }, { name: hub, paused: false });
  expect(memory.metric('keeper.pending_devices')).toEqual([{ value: bench.pending.deviceIds(hub).length, hub }]);
  expect(bench.pending.deviceIds(hub).length).toBeGreaterThanOrEqual(2);
  expect(memory.metric('keeper.coverage')).toEqual([{ value: 0.75, hub }]);
  await recordHubGauges({ ...bench.deps, telemetry: memory.telemetry }, { name: hub, paused: true });
  expect(memory.metric('keeper.pending_devices')).toHaveLength(2);
  expect(memory.metric('keeper.coverage')).toHaveLength(1); // a paused hub records no coverage
});

describe('the gauges of a hub that the watch records', () => {
  const hourMs = 3_600_000;

  /** A bench with telemetry, and the value of a gauge after one more round of the watch; undefined if it told none. */
  function watched() {
    const bench = new WorkerBench();
    const memory = new MemoryTelemetry(bench.clock);
    const level = async (metric: MetricName, paused = false) => {
      const told = memory.metric(metric).length;
      await recordHubGauges({ ...bench.deps, telemetry: memory.telemetry }, { name: hub, paused });
      return memory.metric(metric).length === told ? undefined : Number(memory.metric(metric).at(-1)?.value);
    };
    const refuse = () => {
      bench.hub.onCall = () => {
        throw bench.hub.error('forbidden', { status: 403 });
      };
    };
    const sweep = async (dryRun = false) => {
      await bench.start(dryRun);
      await bench.slices();
    };
    return { bench, level, refuse, sweep };
  }

  test('the age gauge is the age of the last finished sweep, or the time since the hub is watched before the first sweep', async () => {
    const { bench, level, sweep } = watched();
    bench.hub.addDevice('a');
    expect(await level('keeper.sweep_age_seconds')).toBe(0);
    await bench.clock.advance(27 * hourMs);
    expect(await level('keeper.sweep_age_seconds')).toBe(27 * 3600);
    await sweep();
    expect(await level('keeper.sweep_age_seconds')).toBeLessThan(3600);
    await bench.clock.advance(hourMs);
    expect(await level('keeper.sweep_age_seconds')).toBeGreaterThanOrEqual(3600);
  });

  test('a dry run and a failed run do not change the age gauge', async () => {
    const { bench, level, refuse, sweep } = watched();
    bench.hub.addDevice('a');
    await level('keeper.sweep_age_seconds');
    await bench.clock.advance(hourMs);
    await sweep(true);
    refuse();
    await sweep();
    expect(await level('keeper.sweep_age_seconds')).toBeGreaterThanOrEqual(3600);
  });

  test('the watch records no age for a paused hub, and the age restarts at 0 when the hub is in service again', async () => {
    const { bench, level } = watched();
    await level('keeper.sweep_age_seconds');
    await bench.clock.advance(30 * hourMs);
    expect(await level('keeper.sweep_age_seconds', true)).toBeUndefined();
    expect(await level('keeper.hub_blocked', true)).toBeUndefined();
    expect(await level('keeper.pending_devices', true)).toBe(0);
    await bench.clock.advance(30 * hourMs);
    expect(await level('keeper.sweep_age_seconds')).toBe(0);
  });

  test('the age gauge ignores a time in the future that an instance with a wrong clock has stored', async () => {
    const { bench, level } = watched();
    const ahead = new Date(bench.clock.now() + 1000 * hourMs).toISOString();
    await updateHubDocument(bench.documents, hub, (document) => ({ ...document, watchedSince: ahead }));
    expect(await level('keeper.sweep_age_seconds')).toBe(0);
    await bench.clock.advance(27 * hourMs);
    expect(await level('keeper.sweep_age_seconds')).toBe(27 * 3600);
  });

  test('the refusal gauge keeps the result of the last slice until the next slice', async () => {
    const { bench, level, refuse, sweep } = watched();
    bench.hub.addDevice('a');
    expect(await level('keeper.hub_blocked')).toBe(0);
    refuse();
    await sweep();
    for (let hours = 0; hours < 3; hours++) {
      expect(await level('keeper.hub_blocked')).toBe(1);
      await bench.clock.advance(hourMs);
    }
    bench.hub.onCall = () => {};
    await sweep();
    expect(await level('keeper.hub_blocked')).toBe(0);
  });

  test('the gauge for a policy that selects no device is 1, and it is 0 on a hub without devices', async () => {
    const { bench, level, sweep } = watched();
    await sweep();
    expect(await level('keeper.selects_nothing')).toBe(0);
    bench.hub.addDevice('edge', { edge: true });
    await sweep();
    expect(await level('keeper.selects_nothing')).toBe(1);
    bench.hub.addDevice('a');
    await sweep();
    expect(await level('keeper.selects_nothing')).toBe(0);
  });
});

describe('coverage', () => {
  test.each([
    [{ created: 3, unchanged: 5, gone: 7, excludedPairs: 9 }, 1],
    [{ unchanged: 5, failed: 2, blocked: { disabled: 2, tooManyModules: 1 } }, 0.5],
    [{ gone: 7, excludedPairs: 9 }, undefined],
  ])('of %j is %s', (counts, share) => {
    expect(coverageOf({ ...noCounts(), ...counts })).toBe(share);
  });
});
