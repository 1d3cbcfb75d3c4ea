import { tierLimits } from '../../../shared/config/tierLimits.ts';
import type { Run } from '../../../shared/run/run.ts';
import type { WorkerBench } from '../../support/workerBench.ts';

/** Sizes the bench's hub as one S3 unit. */
export function largeHub(bench: WorkerBench): void {
  bench.config = { ...bench.config, tier: 'S3', limits: tierLimits('S3', 1) };
}

/** Adds devices to the bench's hub; returns their ids. */
export function fleet(bench: WorkerBench, count: number): string[] {
  const ids = Array.from({ length: count }, (_, index) => `device-${index}`);
  for (const id of ids) bench.hub.addDevice(id);
  return ids;
}

/** Sums of a run's counts: all devices, and all pairs of a selected device and a spec. */
export function sums({ counts }: Run) {
  const of = (byReason: Record<string, number>) => Object.values(byReason).reduce((sum, n) => sum + n, 0);
  const { created, unchanged, gone, failed, blocked, excludedPairs } = counts;
  return {
    devices: counts.selected + of(counts.excluded),
    pairs: created + unchanged + gone + failed + of(blocked) + excludedPairs,
  };
}
