/** Returns the percentile `share` (0 to 1) by the nearest rank. Throws `RangeError` if there is no sample. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((left, right) => left - right);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('A percentile needs at least one sample');
  return value;
}
