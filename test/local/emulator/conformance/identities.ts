import type { Reply } from '../hubClient.ts';

/** The members of an identity that tests check. */
export interface SeenIdentity {
  deviceId: string;
  moduleId?: string;
  managedBy?: string | null;
  generationId: string;
  etag: string;
  /** The etag, decoded to its number. */
  etagNumber: number;
  status?: string;
  statusReason?: string | null;
  statusUpdatedTime?: string;
  primaryKey: string | null;
  secondaryKey: string | null;
}

interface IdentityBody extends Omit<SeenIdentity, 'etagNumber' | 'primaryKey' | 'secondaryKey'> {
  authentication: { symmetricKey: { primaryKey: string | null; secondaryKey: string | null } };
}

/** Reads a response that contains an identity. Throws if it is an error. */
export function identityOf(reply: Reply): SeenIdentity {
  if (reply.status !== 200) throw new Error(`The hub returned ${reply.status} instead of an identity`);
  const body = reply.body as IdentityBody;
  const { primaryKey, secondaryKey } = body.authentication.symmetricKey;
  return { ...body, etagNumber: Number(Buffer.from(body.etag, 'base64').toString()), primaryKey, secondaryKey };
}

/** Base64 of 16 and of 64 bytes: the shortest and longest keys that one live hub accepted. */
export const goodKeys = {
  primaryKey: Buffer.alloc(16, 1).toString('base64'),
  secondaryKey: Buffer.alloc(64, 2).toString('base64'),
} as const;

/** Refused for devices and modules (rules seen on one live hub). */
export const badAuthentications: readonly unknown[] = [
  'sas',
  { type: 'magic' },
  { type: 7 },
  { symmetricKey: 'x' },
  { symmetricKey: { primaryKey: goodKeys.primaryKey } },
  { symmetricKey: { primaryKey: 'short', secondaryKey: 'short' } },
  { symmetricKey: { primaryKey: Buffer.alloc(65).toString('base64'), secondaryKey: goodKeys.secondaryKey } },
  { symmetricKey: { primaryKey: `${goodKeys.primaryKey} `, secondaryKey: goodKeys.secondaryKey } },
  { x509Thumbprint: { primaryThumbprint: 'AA:BB' } },
  { x509Thumbprint: { secondaryThumbprint: 7 } },
];
