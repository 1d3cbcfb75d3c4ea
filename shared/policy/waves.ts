import { createHash } from 'node:crypto';
import { matchesGlob } from './matchesGlob.ts';

/**
 * One wave of a rollout: the devices whose id one of the globs matches, or the devices whose `positionOf` is below `percent`. A
 * device belongs only to the first wave that it fits.
 */
type Wave = { deviceIds: readonly string[] } | { percent: number };

/** In which order the devices of a spec get their changes, and what a wave waits for. */
export interface Rollout {
  /** The waves in their order. All devices that belong to none of them form one more wave, the last. */
  waves: readonly Wave[];
  /** Hours between the end of the run that finished a wave and the start of the next wave. */
  pauseHours: number;
  /**
   * Limits in percent, above which the next wave does not begin: modules of the wave that failed; and modules that are not
   * healthy, of those that report their health.
   */
  stopWhen: { failedPercent: number; unhealthyPercent: number };
}

/** Returns the wave of a device: an index of `waves`, or `waves.length` for the last wave. */
export function waveOf({ waves }: Pick<Rollout, 'waves'>, deviceId: string): number {
  const index = waves.findIndex((wave) => {
    if ('percent' in wave) return positionOf(deviceId) < wave.percent;
    return wave.deviceIds.some((glob) => matchesGlob(glob, deviceId));
  });
  return index === -1 ? waves.length : index;
}

/**
 * Returns a number from 0 to below 100 that is always the same for a device id and evenly distributed over device ids: the first
 * 32 bits of the SHA-256 of the id, as a percentage.
 */
function positionOf(deviceId: string): number {
  return (createHash('sha256').update(deviceId).digest().readUInt32BE(0) / 2 ** 32) * 100;
}
