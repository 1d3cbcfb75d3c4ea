import { createPublicKey, generateKeyPair, type KeyObject, randomUUID, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';

/** The claims of a token that the emulator reads. */
export interface EntraClaims {
  /** Audience: the resource that the token is for. */
  aud: string;
  iss: string;
  /** Start of validity, in seconds since 1970. */
  nbf: number;
  /** End of validity, in seconds since 1970. */
  exp: number;
  /** Object id of the identity that the token was issued to. */
  oid: string;
}

interface SigningKey {
  id: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

const modulusBits = 2048;

/**
 * A local stand-in for one tenant of Microsoft Entra ID: issues access tokens (JWT, RS256) and verifies them. The key
 * is generated for the first token and never leaves the process.
 */
export class EntraIssuer {
  readonly tenantId = randomUUID();
  /** An address that cannot exist, so that these tokens are not mistaken for real ones. */
  readonly issuer = `https://iothub-emulator.invalid/${this.tenantId}/`;
  private signingKey: Promise<SigningKey> | undefined;

  /** Issues a token of an identity for `aud`, valid from `nowMs` for `lifetimeSeconds`. */
  async issue(
    identity: { objectId: string; clientId: string },
    aud: string,
    lifetimeSeconds: number,
    nowMs: number,
  ): Promise<string> {
    this.signingKey ??= makeKey();
    const key = await this.signingKey;
    const nowSeconds = Math.floor(nowMs / 1000);
    const { objectId, clientId } = identity;
    const claims: EntraClaims & { [name: string]: unknown } = {
      ...{ aud, iss: this.issuer, iat: nowSeconds, nbf: nowSeconds, exp: nowSeconds + lifetimeSeconds },
      ...{ appid: clientId, idtyp: 'app', oid: objectId, sub: objectId, tid: this.tenantId, ver: '1.0' },
    };
    const signed = `${encoded({ typ: 'JWT', alg: 'RS256', kid: key.id })}.${encoded(claims)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), key.privateKey).toString('base64url')}`;
  }

  /** The claims of a token that this issuer signed; undefined for any other text. Checks the signature only. */
  async read(token: string): Promise<EntraClaims | undefined> {
    const key = await this.signingKey;
    const [head = '', body = '', signature = '', ...rest] = token.split('.');
    if (!key || rest.length > 0) return undefined;
    const header = decoded(head);
    if (header?.alg !== 'RS256' || header.kid !== key.id) return undefined;
    const isSigned = verify(
      'sha256',
      Buffer.from(`${head}.${body}`),
      key.publicKey,
      Buffer.from(signature, 'base64url'),
    );
    // The signature is ours, so the claims have the form that `issue` writes.
    return isSigned ? (decoded(body) as unknown as EntraClaims) : undefined;
  }
}

async function makeKey(): Promise<SigningKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: modulusBits });
  return { id: randomUUID(), privateKey, publicKey: createPublicKey(privateKey) };
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function decoded(part: string): { [name: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
