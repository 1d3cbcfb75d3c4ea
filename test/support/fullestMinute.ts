import type { WorkerBench } from './workerBench.ts';

const minuteMs = 60_000;
/** Sums of delays that are no whole numbers. */
const roundingMs = 0.01;

/** The largest number of registry operations within any 60 s, or any other time. */
export function fullestMinute({ hub }: WorkerBench, windowMs = minuteMs): number {
  const spent = hub.calls.filter(({ operation }) => operation.startsWith('create') || operation === 'countDevices');
  let [most, sum, from] = [0, 0, 0];
  for (const { elapsedMs, cost } of spent) {
    sum += cost;
    for (let first = spent[from]; first && first.elapsedMs <= elapsedMs - windowMs + roundingMs; first = spent[from]) {
      sum -= first.cost;
      from += 1;
    }
    most = Math.max(most, sum);
  }
  return most;
}
