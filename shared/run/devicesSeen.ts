import type { Run } from './run.ts';

/** Ghosts and newly created devices alone make the index differ from the hub's count by less than this share. */
const toleratedShare = 0.01;

/**
 * Whether a run's listing had as many devices as the hub counted, within 1 %. Devices may come and go during a run, so any
 * number between the counts at its beginning and at its end is right. True if the hub was not counted at the end.
 */
export function sawWholeHub({ counts, preflight, devicesAtEnd }: Run): boolean {
  if (devicesAtEnd === null) return true;
  const devicesAtStart = preflight?.devices ?? devicesAtEnd;
  const fewest = Math.min(devicesAtStart, devicesAtEnd) * (1 - toleratedShare);
  const most = Math.max(devicesAtStart, devicesAtEnd) * (1 + toleratedShare);
  return counts.devices >= fewest && counts.devices <= most;
}
