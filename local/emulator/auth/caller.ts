import { notAssigned, unauthorized } from '../wire/refusals.ts';
import { type DataAction, grants, type RoleName } from './roles.ts';

/** What a shared access policy can grant. */
export type Right = 'RegistryRead' | 'RegistryWrite' | 'ServiceConnect' | 'DeviceConnect';

/** Who calls: the holder of a policy's key, or an identity of Entra ID. Some answers differ between the two. */
export type Caller =
  | { kind: 'sas'; rights: ReadonlySet<Right> }
  | { kind: 'entra'; objectId: string; roles: readonly RoleName[] };

/** What it takes to call an operation: one right under SAS, all of the data actions under Entra ID. */
export interface Permission {
  right: Right;
  dataActions: readonly DataAction[];
}

/** Throws the hub's 401 unless `caller` may do what needs `permission`; `path` is decoded, for the words of the refusal. */
export function requirePermission(caller: Caller, permission: Permission, method: string, path: string): void {
  if (caller.kind === 'sas') {
    if (!caller.rights.has(permission.right)) throw unauthorized(`The policy lacks the right ${permission.right}`);
    return;
  }
  const missing = permission.dataActions.filter((action) => !grants(caller.roles, action));
  if (missing.length > 0) throw notAssigned(caller.objectId, method, path, missing);
}
