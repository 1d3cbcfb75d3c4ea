/**
 * Returns the factor by which a benchmark is larger than its default: `BENCH_SIZE=10 npm run bench -- backfill`. Throws
 * `RangeError` if the text is not a number above 0.
 */
export function benchSize(text: string | undefined): number {
  const size = Number(text ?? 1);
  if (!(size > 0 && Number.isFinite(size))) {
    throw new RangeError(`BENCH_SIZE must be a number above 0, such as 10 or 0.5, not ${text}.`);
  }
  return size;
}
