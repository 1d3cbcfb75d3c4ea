import { unauthorized } from '../wire/refusals.ts';
import type { Caller } from './caller.ts';
import type { EntraIssuer } from './entraIssuer.ts';
import type { ManagedIdentities } from './managedIdentities.ts';

/**
 * Microsoft: "Control access to IoT Hub by using Microsoft Entra ID"; clients ask for
 * `https://iothubs.azure.net/.default`.
 */
const iotHubAudience = 'https://iothubs.azure.net';

/** What bearer tokens are checked against. */
export interface EntraRules {
  issuer: EntraIssuer;
  identities: ManagedIdentities;
}

export const isBearer = (header: string | undefined): boolean => /^bearer\s/i.test(header ?? '');

/**
 * Returns the caller that a bearer token authenticates. Rejects with the hub's 401 unless the issuer signed the token
 * for IoT Hub and it is valid now. The format of that 401 is unproven (it is that of a wrong SAS key); the hint never
 * repeats what was sent.
 */
export async function authorizeBearer(
  header: string,
  { issuer, identities }: EntraRules,
  nowMs: number,
): Promise<Caller> {
  const claims = await issuer.read(header.replace(/^bearer\s+/i, '').trim());
  if (!claims) throw unauthorized('The bearer token was not signed by the issuer that this emulator trusts');
  if (claims.iss !== issuer.issuer) throw unauthorized('The token belongs to another tenant');
  if (claims.aud.replace(/\/$/, '') !== iotHubAudience) throw unauthorized(`The token is not for ${iotHubAudience}`);
  if (claims.nbf * 1000 > nowMs) throw unauthorized('The token is not valid yet');
  if (claims.exp * 1000 <= nowMs) throw unauthorized('The token has expired');
  return { kind: 'entra', objectId: claims.oid, roles: identities.rolesOf(claims.oid) };
}
