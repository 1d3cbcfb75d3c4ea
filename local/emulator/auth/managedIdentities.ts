import { randomUUID } from 'node:crypto';
import type { RoleName } from './roles.ts';

/** An identity that asks for tokens, and what it may do on the hub. */
export interface ManagedIdentity {
  clientId: string;
  objectId: string;
  roles: readonly RoleName[];
}

/** The managed identities that have access: the system-assigned one, and user-assigned ones by their client id. */
export class ManagedIdentities {
  private systemAssigned: ManagedIdentity;
  private readonly userAssigned = new Map<string, ManagedIdentity>();

  constructor(systemRoles: readonly RoleName[]) {
    this.systemAssigned = { clientId: randomUUID(), objectId: randomUUID(), roles: systemRoles };
  }

  /** `clientId` undefined means the system-assigned one. */
  find(clientId: string | undefined): ManagedIdentity | undefined {
    return clientId === undefined ? this.systemAssigned : this.userAssigned.get(clientId);
  }

  /** Replaces the roles of an identity; makes a user-assigned one that is not there. Holds for the next call already. */
  assign(roles: readonly RoleName[], clientId?: string): ManagedIdentity {
    const known = this.find(clientId);
    const identity = { clientId: clientId ?? '', objectId: randomUUID(), ...known, roles };
    if (clientId === undefined) this.systemAssigned = identity;
    else this.userAssigned.set(clientId, identity);
    return identity;
  }

  /** None for an object id that nobody has. */
  rolesOf(objectId: string): readonly RoleName[] {
    return this.list().find((identity) => identity.objectId === objectId)?.roles ?? [];
  }

  /** The system-assigned one first. */
  list(): ManagedIdentity[] {
    return [this.systemAssigned, ...this.userAssigned.values()];
  }
}
