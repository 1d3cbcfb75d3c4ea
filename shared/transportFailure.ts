import { getSystemErrorMap } from 'node:util';

/** What to look at when a failure lasts: it may be a setting, or something between the app and the service. */
export type Check = 'hostName' | 'certificate' | 'clock' | 'proxy' | 'identity';

/** Why a call to a hub, to storage or to the identity endpoint got no response. */
export interface TransportFailure {
  /** The name of the failure, such as `ECONNRESET`; never text of the other side. */
  code: string;
  /** Whether it is an outage, which may pass by itself. If not, somebody must change something first. */
  mayPass: boolean;
  check?: Check;
}

/** Code: the identity endpoint gave no token, and may give one at the next try. */
export const noTokenYet = 'NoTokenYet';
/** Code: no identity is assigned to the app, or the endpoint refuses the one that is asked for. */
export const noToken = 'NoToken';

/**
 * Reads what an SDK threw for a call without a response, the same for hubs and storage: by names, codes and statuses of the
 * error and of its causes. Messages are not read, since they quote responses. Undefined for any other error.
 */
export function transportFailure(error: unknown): TransportFailure | undefined {
  const parts = partsOf(error);
  if (parts.some(({ name }) => typeof name === 'string' && identityErrors.has(name))) return tokenFailure(parts);
  for (const { code } of parts) {
    const known = typeof code === 'string' ? failureOfCode(code) : undefined;
    if (known) return known;
  }
  return undefined;
}

/** The failure that `code` names; undefined for a code that says nothing about the transport. */
export function failureOfCode(code: string): TransportFailure | undefined {
  if (code === noTokenYet) return { code, mayPass: true, check: 'identity' };
  if (code === noToken) return { code, mayPass: false, check: 'identity' };
  // DNS says ENOTFOUND for a name that does not exist, and some resolvers while they are down.
  if (unknownHostCodes.has(code)) return { code, mayPass: true, check: 'hostName' };
  if (clockCodes.has(code)) return { code, mayPass: false, check: 'clock' };
  if (certificateCodes.has(code)) return { code, mayPass: false, check: 'certificate' };
  // Something answered that speaks another protocol, or another version of TLS.
  if (/^(EPROTO|ERR_SSL_\w+|HPE_\w+|PARSE_ERROR|NotJson)$/.test(code)) return { code, mayPass: true, check: 'proxy' };
  return systemCodes.has(code) || noResponseCode.test(code) ? { code, mayPass: true } : undefined;
}

/** System errors of files, arguments and programs: defects of our own or of the machine, not of the network. */
const localCodes = (
  'E2BIG EBADF ECHARSET EEXIST EFAULT EFBIG EFTYPE EILSEQ EINVAL EISDIR ELOOP EMLINK ENAMETOOLONG ENODEV ENOENT ENOEXEC ' +
  'ENOSPC ENOSYS ENOTDIR ENOTEMPTY ENOTSOCK ENOTTY ENXIO EOVERFLOW ERANGE EROFS ESPIPE ESRCH ETXTBSY EXDEV'
).split(' ');

const systemCodes = new Set([...getSystemErrorMap().values()].map(([code]) => code));
for (const code of localCodes) systemCodes.delete(code);

/** Codes of DNS, of Node's sockets, streams and TLS, of undici and of the Azure SDKs. */
const noResponseCode =
  /^(ESERVFAIL|EREFUSED|EBADRESP|EFORMERR|ENOTIMP|ETIMEOUT|ECANCELLED|EDESTRUCTION|ERR_STREAM_(PREMATURE_CLOSE|DESTROYED)|ERR_SOCKET_\w+|ERR_TLS_HANDSHAKE_TIMEOUT|ERR_HTTP2_\w+|UND_ERR_\w+|REQUEST_SEND_ERROR)$/;

const unknownHostCodes = new Set(['ENOTFOUND', 'EAI_NONAME', 'EAI_NODATA', 'ENODATA']);

/** "X509 certificate error codes" of Node's documentation of `tls`, and Node's own two names. */
const clockCodes = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'CRL_HAS_EXPIRED', 'CRL_NOT_YET_VALID']);
const certificateCodes = new Set([
  ...['UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'UNABLE_TO_GET_CRL'],
  ...['UNABLE_TO_DECRYPT_CERT_SIGNATURE', 'UNABLE_TO_DECRYPT_CRL_SIGNATURE', 'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY'],
  ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CERT_SIGNATURE_FAILURE', 'CRL_SIGNATURE_FAILURE'],
  ...['ERROR_IN_CERT_NOT_BEFORE_FIELD', 'ERROR_IN_CERT_NOT_AFTER_FIELD'],
  ...['ERROR_IN_CRL_LAST_UPDATE_FIELD', 'ERROR_IN_CRL_NEXT_UPDATE_FIELD'],
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'CERT_CHAIN_TOO_LONG', 'CERT_REVOKED'],
  ...['INVALID_CA', 'PATH_LENGTH_EXCEEDED', 'INVALID_PURPOSE', 'CERT_UNTRUSTED', 'CERT_REJECTED', 'HOSTNAME_MISMATCH'],
  ...['ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_TLS_CERT_ALTNAME_FORMAT'],
]);

/** Names of the errors of `@azure/identity` 4.13.1. */
const identityErrors = new Set([
  'CredentialUnavailableError',
  'AuthenticationError',
  'AuthenticationRequiredError',
  'AggregateAuthenticationError',
]);

/**
 * Any sign of an outage among the credentials that were tried makes it one; measured with 4.13.1, whose errors have MSAL's as
 * cause. 404 and 410: the endpoint is being updated (Microsoft's table of retries for managed identities on VMs).
 */
function tokenFailure(parts: readonly ErrorParts[]): TransportFailure {
  const passes = parts.some(({ code, errorCode, status, statusCode }) => {
    const answered = [status, statusCode].find((value) => typeof value === 'number');
    if (answered !== undefined) return [404, 408, 410, 429].includes(answered) || answered >= 500;
    if (errorCode === 'network_error' || errorCode === 'endpoints_resolution_error') return hasIdentityEndpoint();
    return typeof code === 'string' && failureOfCode(code)?.mayPass === true;
  });
  return { code: passes ? noTokenYet : noToken, mayPass: passes, check: 'identity' };
}

/**
 * Whether the platform announces an endpoint for tokens. Functions and App Service do so for an app with an identity. Without
 * one the SDK asks that of virtual machines, which does not exist there: no network error that passes, but no identity.
 */
function hasIdentityEndpoint(): boolean {
  return ['IDENTITY_ENDPOINT', 'MSI_ENDPOINT', 'AZURE_FEDERATED_TOKEN_FILE', 'AZURE_POD_IDENTITY_AUTHORITY_HOST'].some(
    (name) => process.env[name],
  );
}

interface ErrorParts {
  name?: unknown;
  code?: unknown;
  errorCode?: unknown;
  status?: unknown;
  statusCode?: unknown;
}

/** The error, its causes and, of an aggregate, its members: outer ones first. */
function partsOf(error: unknown): ErrorParts[] {
  const found: object[] = [];
  const waiting: unknown[] = [error];
  while (waiting.length > 0 && found.length < mostParts) {
    const part = waiting.shift();
    if (typeof part !== 'object' || part === null || found.includes(part)) continue;
    found.push(part);
    const { cause, errors } = part as { cause?: unknown; errors?: unknown };
    waiting.push(cause, ...(Array.isArray(errors) ? errors : []));
  }
  return found;
}

/** More than the chain of credentials has, each with its causes. */
const mostParts = 100;
