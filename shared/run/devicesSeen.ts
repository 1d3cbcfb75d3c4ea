import type { Run } from './run.ts';

/** The index lags behind by seconds, so the newest devices may be missing in any listing. */
const toleratedShare = 0.01;

/**
 * Whether a run's listing had at least as many devices as the hub counted, within 1 %. Devices come and go during a run, so the
 * listing is compared with the smaller of the hub's counts at the beginning and at the end; a listing with more devices is whole
 * too. True if the hub was not counted at the end.
 */
export function sawWholeHub({ counts, preflight, devicesAtEnd }: Run): boolean {
  if (devicesAtEnd === null) return true;
  const devicesAtStart = preflight?.devices ?? devicesAtEnd;
  return counts.devices >= Math.min(devicesAtStart, devicesAtEnd) * (1 - toleratedShare);
}
