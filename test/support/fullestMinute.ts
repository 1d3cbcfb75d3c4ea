import type { WorkerBench } from './workerBench.ts';

const minuteMs = 60_000;
/** Sums of delays that are no whole numbers. */
const roundingMs = 0.01;

/** The largest number of registry operations within any 60 s. */
export function fullestMinute({ hub }: WorkerBench): number {
  const spent = hub.calls.filter(({ operation }) => operation.startsWith('create') || operation === 'countDevices');
  let [most, sum, from] = [0, 0, 0];
  for (const { elapsedMs, cost } of spent) {
    sum += cost;
    for (let first = spent[from]; first && first.elapsedMs <= elapsedMs - minuteMs + roundingMs; first = spent[from]) {
      sum -= first.cost;
      from += 1;
    }
    most = Math.max(most, sum);
  }
  return most;
}
