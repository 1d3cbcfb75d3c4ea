import type { FakeHub } from './fakeHub.ts';

/** The largest number of registry operations that a caller sent within any 60 s. */
export function fullestMinute({ calls }: FakeHub, by = 'worker'): number {
  const spent = calls.filter(
    (call) => call.by === by && (call.operation.startsWith('create') || call.operation === 'countDevices'),
  );
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
