import { createHmac } from 'node:crypto';
import type { TokenCredential } from '@azure/identity';
import { connectionStringParts } from '../../shared/config/connectionStringParts.ts';

/** How to reach a hub. The connection string has the three parts that `readHubConnectionString` returns. */
export type HubAccess =
  | { kind: 'sas'; hostName: string; connectionString: string }
  | { kind: 'entra'; hostName: string; credential: () => Promise<TokenCredential> };

/** As `azure-iothub` 1.16.6 asks for it. */
const tokenScope = 'https://iothubs.azure.net/.default';

const tokenLifeSeconds = 3600;

/** Returns the value of an Authorization header. Rejects with what the credential throws. */
export async function authorization(access: HubAccess, nowMs: number): Promise<string> {
  if (access.kind === 'sas') return sasToken(access.connectionString, nowMs);
  const credential = await access.credential();
  const token = await credential.getToken(tokenScope);
  if (!token) throw new Error('The credential returned no token.');
  return `Bearer ${token.token}`;
}

/** Microsoft, "Control access to IoT Hub by using shared access signatures". */
function sasToken(connectionString: string, nowMs: number): string {
  const parts = connectionStringParts(connectionString);
  const field = (name: string) => parts?.get(name) ?? '';
  const scope = encodeURIComponent(field('hostname').toLowerCase());
  const expiry = Math.floor(nowMs / 1000) + tokenLifeSeconds;
  const key = Buffer.from(field('sharedaccesskey'), 'base64');
  const signature = createHmac('sha256', key).update(`${scope}\n${expiry}`).digest('base64');
  const [sig, skn] = [encodeURIComponent(signature), encodeURIComponent(field('sharedaccesskeyname'))];
  return `SharedAccessSignature sr=${scope}&sig=${sig}&skn=${skn}&se=${expiry}`;
}

/** The texts that must occur nowhere in what a run writes. */
export function secretsOf(access: HubAccess): string[] {
  if (access.kind === 'entra') return [];
  const key = connectionStringParts(access.connectionString)?.get('sharedaccesskey');
  return key ? [key] : [];
}
