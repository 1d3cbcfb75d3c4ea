import type { ModuleCreation, ModuleName } from '../hub/registry.ts';

/** One thing to do to one module of one device. A further kind is a further member of this union. */
export type ModuleChange = { do: 'create' } & ModuleCreation;

/** A change as a run's document holds it: the twin seed is taken from the policy when the change is sent. */
export type StoredChange = WithoutTwin<ModuleChange>;
type WithoutTwin<Change> = Change extends unknown ? Omit<Change, 'twin'> : never;

/** Names a device and a module in one string. */
export function pairKey({ deviceId, moduleId }: ModuleName): string {
  return `${deviceId}\n${moduleId}`; // neither id can hold a line break
}
