import { expect } from '@jest/globals';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import type { Run } from '../../../shared/run/run.ts';
import { agent } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';

/** A bench whose hub has devices of every kind that a sweep meets. */
export function benchWithFleet(
  count: number,
  { tier, units }: { tier: 'S1' | 'S2' | 'S3'; units: number },
): WorkerBench {
  const bench = new WorkerBench();
  bench.config = { ...bench.config, tier, units, limits: tierLimits(tier, units) };
  for (let index = 0; index < count; index++) {
    const deviceId = `device-${index}`;
    const edge = index % 20 === 7;
    bench.hub.addDevice(deviceId, { edge, status: !edge && index % 25 === 3 ? 'disabled' : 'enabled' });
    if (!edge && index % 10 === 1) bench.hub.addModule(deviceId, agent);
  }
  return bench;
}

const sum = (byReason: Record<string, number>): number => Object.values(byReason).reduce((total, n) => total + n, 0);

/** The keys of all modules, by device id. */
export function keysOf({ hub }: WorkerBench): Map<string, number | undefined> {
  return new Map([...hub.modules.keys()].map((deviceId) => [deviceId, hub.moduleOf(deviceId, agent)?.key]));
}

/** The devices whose module has another key than before, or is missing. */
export function changedKeys({ hub }: WorkerBench, keysBefore: ReadonlyMap<string, number | undefined>): string[] {
  return [...keysBefore].filter(([id, key]) => hub.moduleOf(id, agent)?.key !== key).map(([id]) => id);
}

/** Expects a run that is done, with the exact counts of its hub, and that changed no existing module. */
export function expectTruth(bench: WorkerBench, run: Run, keysBefore: ReadonlyMap<string, number | undefined>): void {
  const devices = [...bench.hub.devices.values()];
  const selected = devices.filter(({ edge }) => !edge);
  const enabled = selected.filter(({ status }) => status === 'enabled');
  expect({ status: run.status, reason: run.reason, waitingFor: run.waitingFor }).toEqual({
    ...{ status: 'done', reason: null, waitingFor: null },
  });
  const { counts } = run;
  expect({
    ...{ devices: counts.devices, selected: counts.selected, excluded: sum(counts.excluded) },
    ...{ made: counts.created + counts.unchanged, gone: counts.gone, failed: counts.failed, blocked: counts.blocked },
  }).toEqual({
    ...{ devices: devices.length, selected: selected.length, excluded: devices.length - selected.length },
    ...{ made: enabled.length, gone: 0, failed: 0, blocked: { disabled: selected.length - enabled.length } },
  });
  expect(counts.created).toBeLessThanOrEqual(enabled.length - keysBefore.size);
  expect(selected.filter((device) => bench.hub.moduleOf(device.deviceId, agent)).length).toBe(enabled.length);
  expect(changedKeys(bench, keysBefore)).toEqual([]);
}
