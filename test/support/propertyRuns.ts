/**
 * The number of runs of a property test whose runs are dear: `usual` in `npm test`, so that all tests together take minutes, and
 * `PROPERTY_FACTOR` times as many in `npm run properties`. Throws `RangeError` if that is no whole number.
 */
export function propertyRuns(usual: number): { numRuns: number } {
  const { PROPERTY_FACTOR: factor = '1' } = process.env;
  if (!/^[1-9]\d{0,3}$/.test(factor)) throw new RangeError('PROPERTY_FACTOR must be a whole number');
  return { numRuns: usual * Number(factor) };
}
