import type { WorkerBench } from './workerBench.ts';

/** The largest number of registry operations within any 60 s. */
export function fullestMinute({ hub }: WorkerBench): number {
  const spent = hub.calls.filter(({ operation }) => operation.startsWith('create') || operation === 'countDevices');
  let [most, sum, from] = [0, 0, 0];
  for (const { atMs, cost } of spent) {
    sum += cost;
    for (let first = spent[from]; first && first.atMs <= atMs - 60_000; first = spent[from]) {
      sum -= first.cost;
      from += 1;
    }
    most = Math.max(most, sum);
  }
  return most;
}
