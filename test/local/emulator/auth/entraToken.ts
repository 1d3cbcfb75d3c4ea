import { expect } from '@jest/globals';
import type { Emulator } from '../../../../local/emulator/emulator.ts';
import type { HubClient, Reply } from '../hubClient.ts';

export interface IssuedToken {
  access_token: string;
  expires_on: string;
  resource: string;
  token_type: string;
  client_id: string;
}

export interface TokenWish {
  resource?: string;
  clientId?: string;
  identityHeader?: string;
  version?: string;
}

/** The response of the identity endpoint to a request as for App Service. */
export function requestToken(client: HubClient, { entra }: Emulator, wish: TokenWish = {}): Promise<Reply> {
  const search = new URLSearchParams({ resource: wish.resource ?? 'https://iothubs.azure.net' });
  if (wish.clientId !== undefined) search.set('client_id', wish.clientId);
  return client.send('GET', `${new URL(entra.identityEndpoint).pathname}?${search}`, {
    apiVersion: wish.version ?? '2019-08-01',
    authorization: '',
    headers: { 'x-identity-header': wish.identityHeader ?? entra.identityHeader },
  });
}

/** An Authorization header with a new token. */
export async function bearer(client: HubClient, emulator: Emulator, wish: TokenWish = {}): Promise<string> {
  const reply = await requestToken(client, emulator, wish);
  expect(reply.status).toBe(200);
  return `Bearer ${(reply.body as IssuedToken).access_token}`;
}
