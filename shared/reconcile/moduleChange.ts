import type { ModuleCreation, ModuleName } from '../hub/registry.ts';

/** One change to one module of one device. Each kind of change is a member of this union. */
export type ModuleChange = { do: 'create' } & ModuleCreation;

/** A change as stored in a run's document: without the twin seed, which is taken from the policy when the change is sent. */
export type StoredChange = WithoutTwin<ModuleChange>;
type WithoutTwin<Change> = Change extends unknown ? Omit<Change, 'twin'> : never;

/** Device id and module id as one string, for maps and sets. */
export function pairKey({ deviceId, moduleId }: ModuleName): string {
  return `${deviceId}\n${moduleId}`; // neither id can contain a line break
}
