import type { ModuleCreation, ModuleName } from '../hub/registry.ts';
import type { WantedTwin } from './wantedTwin.ts';

/** One change to one module of one device. Each kind of change is a member of this union. */
export type ModuleChange =
  | ({ do: 'create' } & ModuleCreation)
  | ({ do: 'writeTwin'; twin: WantedTwin } & Omit<ModuleCreation, 'twin' | 'thumbprints'>)
  | ({ do: 'remove'; checked?: CheckedRemoval } & ModuleName);

/** What was found when a module was read by id before its removal. */
export interface CheckedRemoval {
  /** The identity's etag, with which it is removed. */
  etag: string;
  /** Throws `CheckTooOldError` when the module must be checked again before it is removed. */
  throwIfOld(): void;
}

/** A change as stored in a run's document: without what is taken from the policy, or read again, when the change is sent. */
export type StoredChange = Stored<ModuleChange>;
type Stored<Change> = Change extends unknown ? Omit<Change, 'twin' | 'thumbprints' | 'checked'> : never;

/** The part of a change that is stored. */
export function storedChange(change: ModuleChange): StoredChange {
  if (change.do === 'remove') {
    const { checked: _readAgain, ...stored } = change;
    return stored;
  }
  const { do: does, deviceId, moduleId, authentication } = change;
  return { do: does, deviceId, moduleId, authentication };
}

/** Device id and module id as one string, for maps and sets. */
export function pairKey({ deviceId, moduleId }: ModuleName): string {
  return `${deviceId}\n${moduleId}`; // neither id can contain a line break
}
