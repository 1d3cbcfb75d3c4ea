import { countOr, membersOf } from '../storage/readMembers.ts';
import type { TodoChange } from './run.ts';

/** The state of a change that is not part of the change itself. */
type Notes = Pick<TodoChange, 'asked' | 'ownFailures' | 'retryAtMs'>;
type Kind = Omit<TodoChange, 'deviceId' | keyof Notes>;

/**
 * A todo as it is stored: twenty specs on each of a thousand devices would take 2.4 MB as single changes, in a document that is
 * written every two seconds. `devices` is in the order of the todo, with the positions in `kinds` of the device's changes.
 */
export interface PackedTodo {
  kinds: Kind[];
  devices: [deviceId: string, kinds: number[], notes?: Notes][];
}

/** Packs a todo; `unpackTodo` returns it as it was. */
export function packTodo(todo: readonly TodoChange[]): PackedTodo {
  const packed: PackedTodo = { kinds: [], devices: [] };
  const positions = new Map<string, number>();
  let lastNotes = '';
  for (const { deviceId, asked, ownFailures, retryAtMs, ...kind } of todo) {
    const key = JSON.stringify(kind);
    const position = positions.get(key) ?? packed.kinds.push(kind) - 1;
    positions.set(key, position);
    const notes = notesOf({ asked, ownFailures, retryAtMs });
    const notesKey = JSON.stringify(notes);
    const last = packed.devices.at(-1);
    if (last?.[0] === deviceId && notesKey === lastNotes) last[1].push(position);
    else packed.devices.push([deviceId, [position], ...(notesKey === '{}' ? [] : [notes])] as PackedTodo['devices'][0]);
    lastNotes = notesKey;
  }
  return packed;
}

/** Reads a stored todo, packed or (version 1) as single changes; undefined if this version does not understand all of it. */
export function unpackTodo(stored: unknown): TodoChange[] | undefined {
  const changes = Array.isArray(stored) ? stored.map(readChange) : unpack(stored);
  return changes?.every((change) => change !== undefined) ? changes : undefined;
}

function unpack(stored: unknown): (TodoChange | undefined)[] | undefined {
  const { kinds, devices } = membersOf(stored);
  if (!Array.isArray(kinds) || !Array.isArray(devices)) return undefined;
  return devices.flatMap((device: unknown) => {
    const [deviceId, positions, notes] = Array.isArray(device) ? device : [];
    if (!Array.isArray(positions)) return [undefined];
    return positions.map((position) => readChange({ ...membersOf(kinds[position]), deviceId, ...membersOf(notes) }));
  });
}

function readChange(value: unknown): TodoChange | undefined {
  const {
    do: does = 'create',
    deviceId,
    moduleId,
    authentication = 'sas',
    asked,
    ownFailures,
    retryAtMs,
    rounds: _version1,
    ...more
  } = membersOf(value); // version 1 omitted `do` at first, because `create` was the only kind of change
  if (typeof deviceId !== 'string' || typeof moduleId !== 'string') return undefined;
  const change = { ...more, deviceId, moduleId, ...notesOf({ asked, ownFailures, retryAtMs }) };
  if (does === 'remove') return { ...change, do: does };
  if (does !== 'create' && does !== 'writeTwin') return undefined;
  if (authentication !== 'sas' && authentication !== 'certificateAuthority' && authentication !== 'selfSigned') {
    return undefined;
  }
  return { ...change, do: does, authentication };
}

function notesOf({ asked, ownFailures, retryAtMs }: Record<keyof Notes, unknown>): Notes {
  return {
    ...(asked === true ? { asked } : {}),
    ...(countOr(ownFailures, undefined) === undefined ? {} : { ownFailures: Number(ownFailures) }),
    ...(typeof retryAtMs === 'number' ? { retryAtMs } : {}),
  };
}
