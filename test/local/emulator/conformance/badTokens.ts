import { sasToken } from '../hubClient.ts';

export interface BadToken {
  what: string;
  /** Makes an Authorization header with this one error. */
  make(connectionString: string): string;
}

const hostOf = (connectionString: string): string => /HostName=([^;]+)/.exec(connectionString)?.[1] ?? '';

/** The valid token of the policy iothubowner with one text replaced. */
const altered = (pattern: RegExp, replacement: string) => (connectionString: string) =>
  sasToken(connectionString).replace(pattern, replacement);

const scoped = (scopeOf: (host: string) => string) => (connectionString: string) =>
  sasToken(connectionString, { scope: scopeOf(hostOf(connectionString)) });

/** Every error that a token can have, each alone. All must be refused. */
export const badTokens: readonly BadToken[] = [
  { what: 'an empty header', make: () => '' },
  {
    what: 'a wrong key',
    make: (own) => sasToken(own, { key: Buffer.alloc(32, 9).toString('base64') }),
  },
  { what: 'an expired token', make: (own) => sasToken(own, { expiresAtMs: Date.now() - 1000 }) },
  { what: 'a later expiry than was signed', make: altered(/se=\d+/, 'se=99999999999') },
  { what: 'an expiry that is no number', make: altered(/se=\d+/, 'se=soon') },
  { what: 'the host of another hub', make: scoped(() => 'evil.azure-devices.net') },
  { what: 'a host that only begins alike', make: scoped((host) => `${host}0`) },
  { what: 'another device', make: scoped((host) => `${host}/devices/somebody-else`) },
  { what: 'half a path segment', make: scoped((host) => `${host}/dev`) },
  { what: 'a policy that nobody made', make: altered(/skn=[^&]*/, 'skn=nobody') },
  { what: 'the name of another policy', make: altered(/skn=[^&]*/, 'skn=service') },
  { what: 'an empty signature', make: altered(/sig=[^&]*/, 'sig=') },
  { what: 'half a signature', make: altered(/sig=([^&]{20})[^&]*/, 'sig=$1') },
  { what: 'no signature', make: altered(/sig=[^&]*&/, '') },
  { what: 'no sr', make: altered(/sr=[^&]*&/, '') },
  { what: 'bad URL encoding', make: altered(/sr=/, 'sr=%zz') },
  { what: 'another scheme', make: () => 'Basic abc' },
  { what: 'a bearer token that nobody issued', make: () => 'Bearer abc.def.ghi' },
];
