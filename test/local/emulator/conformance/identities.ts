import type { Reply } from '../hubClient.ts';

/** What tests look at in an identity's answer. */
export interface SeenIdentity {
  deviceId: string;
  moduleId?: string;
  managedBy?: string | null;
  generationId: string;
  etag: string;
  /** The number whose base64 the etag is. */
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

/** Reads an answer that is an identity. Throws when it is a refusal. */
export function identityOf(reply: Reply): SeenIdentity {
  if (reply.status !== 200) throw new Error(`The hub answered ${reply.status} and no identity`);
  const body = reply.body as IdentityBody;
  const { primaryKey, secondaryKey } = body.authentication.symmetricKey;
  return { ...body, etagNumber: Number(Buffer.from(body.etag, 'base64').toString()), primaryKey, secondaryKey };
}

/** Base64 of 16 and of 64 bytes: the shortest and the longest that a hub was seen to take. */
export const goodKeys = {
  primaryKey: Buffer.alloc(16, 1).toString('base64'),
  secondaryKey: Buffer.alloc(64, 2).toString('base64'),
} as const;

/** Refused for devices and modules alike (rules seen on one live hub). */
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
