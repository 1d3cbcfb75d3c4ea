import type { HubLimits, Tier } from './config.ts';

/** Every tier of an IoT hub. */
export const tiers = ['F1', 'B1', 'B2', 'B3', 'S1', 'S2', 'S3'] as const satisfies readonly Tier[];

type Size = 1 | 2 | 3;

// The free tier has the throttles of one unit of S1; a Basic tier has the registry and query throttles of the Standard
// tier of the same size.
const sizes: Record<Tier, Size> = { F1: 1, B1: 1, B2: 2, B3: 3, S1: 1, S2: 2, S3: 3 };

const perUnit: Record<Size, { registryOpsPerMinute: number; queriesPerMinute: number }> = {
  1: { registryOpsPerMinute: 100, queriesPerMinute: 20 },
  2: { registryOpsPerMinute: 100, queriesPerMinute: 20 },
  3: { registryOpsPerMinute: 5_000, queriesPerMinute: 1_000 },
};

/**
 * Returns the throttling limits of a hub of `tier` with `units` units, for all its clients together. Throws `RangeError`
 * if `units` is not a whole number from 1 to `maxUnits(tier)`.
 *
 * Source of every figure: "IoT Hub quotas and throttling", table "Operation throttles"
 * (https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling, text of 2025-05-21). The table has no
 * twin figures for Basic hubs, which have no twins: this function returns those of the Standard tier of the same size,
 * and no code depends on them.
 */
export function tierLimits(tier: Tier, units: number): HubLimits {
  if (!Number.isInteger(units) || units < 1 || units > maxUnits(tier)) {
    throw new RangeError(`A hub of tier ${tier} has 1 to ${maxUnits(tier)} units, not ${units}.`);
  }
  const size = sizes[tier];
  const { registryOpsPerMinute, queriesPerMinute } = perUnit[size];
  return {
    registryOpsPerMinute: registryOpsPerMinute * units,
    queriesPerMinute: queriesPerMinute * units,
    twinReadsPerSecond: twinReadsPerSecond(size, units),
    twinWritesPerSecond: twinWritesPerSecond(size, units),
  };
}

/** Whether a hub of `tier` has module identities: not a Basic one (Microsoft, "Understand and use module twins in IoT Hub"). */
export function hasModules(tier: Tier): boolean {
  return !tier.startsWith('B');
}

/**
 * Returns the largest number of units of a hub of `tier`: 1 for F1, 200 for S1 and S2, 10 for S3; for a Basic tier that
 * of the Standard tier of the same size. Source: "Azure subscription and service limits", "IoT Hub limits", the table
 * "Maximum units".
 */
export function maxUnits(tier: Tier): number {
  if (tier === 'F1') return 1;
  return sizes[tier] === 3 ? 10 : 200;
}

/**
 * Returns the daily message quota of a hub of `tier` with `units` units; twin reads and queries count too. A Basic tier
 * has that of the Standard tier of the same size. Source: "IoT Hub limits" (text of 2018; 8,000 in total for F1).
 */
export function dailyMessages(tier: Tier, units: number): number {
  if (tier === 'F1') return 8_000;
  return { 1: 400_000, 2: 6_000_000, 3: 300_000_000 }[sizes[tier]] * units;
}

function twinReadsPerSecond(size: Size, units: number): number {
  if (size === 3) return 500 * units;
  return size === 2 ? Math.max(100, 10 * units) : 100;
}

function twinWritesPerSecond(size: Size, units: number): number {
  if (size === 3) return 250 * units;
  return size === 2 ? Math.max(50, 5 * units) : 50;
}

/** Devices and modules together that a hub may hold (IoT Hub quotas page, 2025). */
export const maxIdentities = 1_000_000;

/** Identities under the cap that the app leaves free, so that the owner of the hub can still add devices: 1 %, at least 1,000. */
export const reservedHeadroom = Math.max(1_000, maxIdentities / 100);

/** Returns how many modules the app may still create on a hub with this many devices and modules; never negative. */
export function headroomFor(devices: number, modules: number): number {
  return Math.max(0, maxIdentities - devices - modules - reservedHeadroom);
}
