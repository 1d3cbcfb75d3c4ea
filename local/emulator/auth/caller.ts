import { notAssigned, unauthorized } from '../wire/refusals.ts';
import { type DataAction, grants, type RoleName } from './roles.ts';

/** A permission of a shared access policy. */
export type Right = 'RegistryRead' | 'RegistryWrite' | 'ServiceConnect' | 'DeviceConnect';

/** The authenticated caller: a policy's key, or an identity of Entra ID. Some responses differ between the two. */
export type Caller =
  | { kind: 'sas'; rights: ReadonlySet<Right> }
  | { kind: 'entra'; objectId: string; roles: readonly RoleName[] };

/** What an operation requires: one right under SAS, all of the data actions under Entra ID. */
export interface Permission {
  right: Right;
  dataActions: readonly DataAction[];
}

/** Throws the hub's 401 unless `caller` has `permission`. `path` is decoded; the error text contains it. */
export function requirePermission(caller: Caller, permission: Permission, method: string, path: string): void {
  if (caller.kind === 'sas') {
    if (!caller.rights.has(permission.right)) throw unauthorized(`The policy lacks the right ${permission.right}`);
    return;
  }
  const missing = permission.dataActions.filter((action) => !grants(caller.roles, action));
  if (missing.length > 0) throw notAssigned(caller.objectId, method, path, missing);
}
