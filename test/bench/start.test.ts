import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startBenchmark } from '../../bench/start.ts';

const before = process.env.BENCH_SIZE;

beforeAll(() => {
  process.env.BENCH_SIZE = '0.01'; // one start of each app
});

afterAll(() => {
  if (before === undefined) delete process.env.BENCH_SIZE;
  else process.env.BENCH_SIZE = before;
});

test('the benchmark of the start builds its apps, and each of them starts and reaches the hub', async () => {
  const figures = await startBenchmark.run(() => {});
  for (const { what, value } of figures) expect({ what, isMeasured: value > 0 }).toEqual({ what, isMeasured: true });
  expect(figures).toHaveLength(5);
});
