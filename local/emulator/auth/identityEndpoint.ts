import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { HubResponse } from '../wire/hubResponse.ts';
import type { EntraRules } from './entraAuthorization.ts';

/** The version that Microsoft's "managed identities for App Service" page and @azure/identity use. */
const apiVersion = '2019-08-01';
/** Tokens of managed identities are valid for a day (Microsoft: managed identities, frequently asked questions). */
const lifetimeSeconds = 86_400;

/** The endpoint that IDENTITY_ENDPOINT points to. */
export interface IdentityEndpoint extends EntraRules {
  /** The required value of IDENTITY_HEADER. */
  secret: string;
}

/**
 * Issues tokens as the identity endpoint of App Service and Azure Functions does: `GET
 * ?resource=…&api-version=2019-08-01[&client_id=…]` with the header X-IDENTITY-HEADER. Any resource is accepted, so
 * that tests can get tokens for a wrong resource. The bodies of the errors are unproven.
 */
export async function serveTokenRequest(
  { issuer, identities, secret }: IdentityEndpoint,
  request: IncomingMessage,
  search: URLSearchParams,
  nowMs: number,
): Promise<HubResponse> {
  if (!isSame(String(request.headers['x-identity-header'] ?? ''), secret)) {
    return refusal(401, 'The header X-IDENTITY-HEADER must hold the value of IDENTITY_HEADER');
  }
  if (search.get('api-version') !== apiVersion) return refusal(400, `api-version must be ${apiVersion}`);
  const resource = search.get('resource') ?? '';
  if (!URL.canParse(resource)) return refusal(400, 'resource must be an address such as https://iothubs.azure.net');
  const identity = identities.find(search.get('client_id') ?? undefined);
  if (!identity) return refusal(400, 'There is no user-assigned identity with this client_id');
  return {
    status: 200,
    body: {
      access_token: await issuer.issue(identity, resource, lifetimeSeconds, nowMs),
      expires_on: String(Math.floor(nowMs / 1000) + lifetimeSeconds),
      resource,
      token_type: 'Bearer',
      client_id: identity.clientId,
    },
  };
}

const refusal = (statusCode: number, message: string): HubResponse => ({
  status: statusCode,
  body: { statusCode, message },
});

function isSame(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
