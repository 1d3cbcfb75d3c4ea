/** One device in twenty of a mixed fleet is disabled. */
export const isDisabledAt = (index: number): boolean => index % 20 === 7;

/** One device in a hundred of a mixed fleet was deleted, and queries still return it. */
export const isGhostAt = (index: number): boolean => index % 100 === 50;

/** Returns the number of devices of a mixed fleet that can have a module. */
export function ableDevices(devices: number): number {
  let able = 0;
  for (let index = 0; index < devices; index += 1) if (!isDisabledAt(index) && !isGhostAt(index)) able += 1;
  return able;
}
