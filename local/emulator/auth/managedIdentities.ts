import { randomUUID } from 'node:crypto';
import type { RoleName } from './roles.ts';

/** An identity that may request tokens, with its roles on the hub. */
export interface ManagedIdentity {
  clientId: string;
  objectId: string;
  roles: readonly RoleName[];
}

/** The managed identities: the system-assigned one, and user-assigned ones by their client id. */
export class ManagedIdentities {
  private systemAssigned: ManagedIdentity;
  private readonly userAssigned = new Map<string, ManagedIdentity>();

  constructor(systemRoles: readonly RoleName[]) {
    this.systemAssigned = { clientId: randomUUID(), objectId: randomUUID(), roles: systemRoles };
  }

  /** The identity with this client id, undefined if there is none; without `clientId` the system-assigned identity. */
  find(clientId: string | undefined): ManagedIdentity | undefined {
    return clientId === undefined ? this.systemAssigned : this.userAssigned.get(clientId);
  }

  /** Replaces the roles of an identity; adds a user-assigned one if it is new. Takes effect at once. */
  assign(roles: readonly RoleName[], clientId?: string): ManagedIdentity {
    const known = this.find(clientId);
    const identity = { clientId: clientId ?? '', objectId: randomUUID(), ...known, roles };
    if (clientId === undefined) this.systemAssigned = identity;
    else this.userAssigned.set(clientId, identity);
    return identity;
  }

  /** The roles of an identity; empty for an unknown object id. */
  rolesOf(objectId: string): readonly RoleName[] {
    return this.list().find((identity) => identity.objectId === objectId)?.roles ?? [];
  }

  /** The system-assigned one first. */
  list(): ManagedIdentity[] {
    return [this.systemAssigned, ...this.userAssigned.values()];
  }
}
