import { describe, expect, test } from '@jest/globals';
import { coverageOf, noCounts } from '../../../shared/run/counts.ts';
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

describe('coverage', () => {
  test.each([
    [{ created: 3, unchanged: 5, gone: 7, excludedPairs: 9 }, 1],
    [{ unchanged: 5, failed: 2, blocked: { disabled: 2, tooManyModules: 1 } }, 0.5],
    [{ gone: 7, excludedPairs: 9 }, undefined],
  ])('of %j is %s', (counts, share) => {
    expect(coverageOf({ ...noCounts(), ...counts })).toBe(share);
  });
});
