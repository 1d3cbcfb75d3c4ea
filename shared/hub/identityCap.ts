/** Devices and modules together that a hub may hold (IoT Hub quotas page, 2025). */
export const maxIdentities = 1_000_000;

/** Places under the cap that the keeper leaves to the hub's owner: he must still be able to add devices (design section 5). */
export const reservedHeadroom = Math.max(1_000, maxIdentities / 100);

/** How many modules may still be created, given what the hub holds; never negative. */
export function headroomFor(devices: number, modules: number): number {
  return Math.max(0, maxIdentities - devices - modules - reservedHeadroom);
}
