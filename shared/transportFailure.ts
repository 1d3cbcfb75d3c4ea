import { getSystemErrorMap } from 'node:util';

/** What an operator must check if a failure does not pass: a setting, or something between the app and the service. */
export type Check = 'hostName' | 'certificate' | 'clock' | 'proxy' | 'identity';

/** Why a call to a hub, to storage or to the identity endpoint got no response. */
export interface TransportFailure {
  /** The name of the failure, such as `ECONNRESET`; never text of a response. */
  code: string;
  /** True for an outage, which may pass without a change. False if a retry fails until an operator has corrected something. */
  mayPass: boolean;
  check?: Check;
}

/** Code: the identity endpoint returned no token; the next try may succeed. */
export const noTokenYet = 'NoTokenYet';
/** Code: the app has no identity, or the identity endpoint refuses the requested identity. */
export const noToken = 'NoToken';

/**
 * Reads the error that an SDK threw for a call without a response, to a hub or to storage alike. Uses only the names, codes and
 * statuses of the error and its causes, since messages quote responses. Undefined for any other error.
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
  // A name that does not exist gives ENOTFOUND; some resolvers give the same code while they are down.
  if (unknownHostCodes.has(code)) return { code, mayPass: true, check: 'hostName' };
  if (clockCodes.has(code)) return { code, mayPass: false, check: 'clock' };
  if (certificateCodes.has(code)) return { code, mayPass: false, check: 'certificate' };
  // The response was in another protocol, or in another version of TLS.
  if (/^(EPROTO|ERR_SSL_\w+|HPE_\w+|PARSE_ERROR|NotJson)$/.test(code)) return { code, mayPass: true, check: 'proxy' };
  return systemCodes.has(code) || noResponseCode.test(code) ? { code, mayPass: true } : undefined;
}

/** System errors of files, arguments and programs: defects of the app or of the machine, not failures of the network. */
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

/** Source of both sets: "X509 certificate error codes" in Node's documentation of `tls`, and Node's own `ERR_TLS_CERT_…`. */
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
 * The SDK tries several credentials. If the error of any of them is an outage, the failure is an outage. Measured with
 * `@azure/identity` 4.13.1, whose errors have errors of MSAL as causes. 404 and 410 mean that the endpoint is being updated
 * (Microsoft's table of retries for managed identities on VMs).
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
 * Whether the platform has set the address of an identity endpoint; Functions and App Service do so for an app with an identity.
 * If not, the SDK calls the endpoint of virtual machines, which does not exist there: the network error then means that the app
 * has no identity, and it does not pass.
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

/** The error, its causes, and the members of each `AggregateError`; outer errors come first. */
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

/** Bounds the search; more than all credentials of `DefaultAzureCredential` with their causes. */
const mostParts = 100;
