import { createHash } from 'node:crypto';
import { matchesGlob } from './matchesGlob.ts';

/**
 * One wave of a rollout: the devices that one of the globs matches, or those whose share (`shareOf`) is below a percentage. A
 * device that an earlier wave has is not in a later one.
 */
type Wave = { deviceIds: readonly string[] } | { percent: number };

/** In which order the devices of a spec get their changes, and what a wave waits for. */
export interface Rollout {
  /** All devices that none of them has form the last wave. */
  waves: readonly Wave[];
  /** Hours between the end of the run that finished a wave and the next wave. */
  pauseHours: number;
  /** The next wave does not begin while more of a wave have failed, or of those that report their health are not healthy. */
  stopWhen: { failedPercent: number; unhealthyPercent: number };
}

/** The wave of a device: an index of `waves`, or their number for a device in none of them. */
export function waveOf({ waves }: Pick<Rollout, 'waves'>, deviceId: string): number {
  const index = waves.findIndex((wave) => {
    if ('percent' in wave) return shareOf(deviceId) < wave.percent;
    return wave.deviceIds.some((glob) => matchesGlob(glob, deviceId));
  });
  return index === -1 ? waves.length : index;
}

/**
 * A number from 0 to below 100 that is always the same for a device id and evenly spread over them: the first 32 bits of its
 * SHA-256, as a percentage.
 */
function shareOf(deviceId: string): number {
  return (createHash('sha256').update(deviceId).digest().readUInt32BE(0) / 2 ** 32) * 100;
}
