import { getSystemErrorMap } from 'node:util';
import {
  AggregateAuthenticationError,
  AuthenticationError,
  AuthenticationRequiredError,
  CredentialUnavailableError,
} from '@azure/identity';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readHubFailure } from '../../shared/hub/readHubFailure.ts';
import { isStorageOutage } from '../../shared/storage/storageStatus.ts';
import { type Check, transportFailure } from '../../shared/transportFailure.ts';

const failing = (code: string, more: object = {}) => Object.assign(new Error('secret words'), { code, ...more });

/** Every system error that Node knows, by what it says about a call over the network. */
const systemErrors: Record<'passes' | 'hostName' | 'proxy' | 'local', string> = {
  passes:
    'EACCES EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EAGAIN EAI_ADDRFAMILY EAI_AGAIN EAI_BADFLAGS EAI_BADHINTS EAI_CANCELED ' +
    'EAI_FAIL EAI_FAMILY EAI_MEMORY EAI_OVERFLOW EAI_PROTOCOL EAI_SERVICE EAI_SOCKTYPE EALREADY EBUSY ECANCELED ' +
    'ECONNABORTED ECONNREFUSED ECONNRESET EDESTADDRREQ EHOSTDOWN EHOSTUNREACH EINTR EIO EISCONN EMFILE EMSGSIZE ENETDOWN ' +
    'ENETUNREACH ENFILE ENOBUFS ENOMEM ENONET ENOPROTOOPT ENOTCONN ENOTSUP EOF EPERM EPIPE EPROTONOSUPPORT EPROTOTYPE ' +
    'EREMOTEIO ESHUTDOWN ESOCKTNOSUPPORT ETIMEDOUT EUNATCH UNKNOWN',
  hostName: 'EAI_NODATA EAI_NONAME ENODATA ENOTFOUND',
  proxy: 'EPROTO',
  local:
    'E2BIG EBADF ECHARSET EEXIST EFAULT EFBIG EFTYPE EILSEQ EINVAL EISDIR ELOOP EMLINK ENAMETOOLONG ENODEV ENOENT ENOEXEC ' +
    'ENOSPC ENOSYS ENOTDIR ENOTEMPTY ENOTSOCK ENOTTY ENXIO EOVERFLOW ERANGE EROFS ESPIPE ESRCH ETXTBSY EXDEV',
};

describe('a call without a response', () => {
  const ofSystem = Object.entries(systemErrors).flatMap(([what, codes]) =>
    codes.split(' ').map((code) => [code, what] as const),
  );

  test('is decided for every system error that Node knows', () => {
    const known = [...getSystemErrorMap().values()].map(([name]) => name);
    expect(known.filter((code) => !ofSystem.some(([decided]) => decided === code))).toEqual([]);
  });

  test.each(ofSystem)('with %s is classified as: %s', (code, what) => {
    const expected =
      what === 'local' ? undefined : { code, mayPass: true, ...(what === 'passes' ? {} : { check: what }) };
    expect(transportFailure(failing(code))).toEqual(expected);
    expect(isStorageOutage(failing(code))).toBe(what !== 'local');
    expect(readHubFailure(failing(code))).toEqual({ kind: 'unavailable', code });
  });

  test.each([
    ...[
      'UND_ERR_CONNECT_TIMEOUT',
      'UND_ERR_HEADERS_TIMEOUT',
      'UND_ERR_BODY_TIMEOUT',
      'UND_ERR_SOCKET',
      'UND_ERR_ABORTED',
    ],
    ...['REQUEST_SEND_ERROR', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED', 'ERR_TLS_HANDSHAKE_TIMEOUT'],
    ...['ERR_SOCKET_CONNECTION_TIMEOUT', 'ERR_SOCKET_CLOSED', 'ETIMEOUT', 'ESERVFAIL', 'EREFUSED', 'ECANCELLED'],
  ])('with %s may succeed at the next try', (code) => {
    expect(transportFailure(failing(code))).toEqual({ code, mayPass: true });
    expect(isStorageOutage(failing(code))).toBe(true);
  });

  test.each<[string, Check, boolean]>([
    ...[
      ...['UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_CRL', 'UNABLE_TO_DECRYPT_CERT_SIGNATURE', 'CERT_REVOKED'],
      ...['UNABLE_TO_DECRYPT_CRL_SIGNATURE', 'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY', 'CERT_SIGNATURE_FAILURE'],
      ...['CRL_SIGNATURE_FAILURE', 'ERROR_IN_CERT_NOT_BEFORE_FIELD', 'ERROR_IN_CERT_NOT_AFTER_FIELD'],
      ...['ERROR_IN_CRL_LAST_UPDATE_FIELD', 'ERROR_IN_CRL_NEXT_UPDATE_FIELD', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
      ...['SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
      ...['CERT_CHAIN_TOO_LONG', 'INVALID_CA', 'PATH_LENGTH_EXCEEDED', 'INVALID_PURPOSE', 'CERT_UNTRUSTED'],
      ...['CERT_REJECTED', 'HOSTNAME_MISMATCH', 'ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_TLS_CERT_ALTNAME_FORMAT'],
    ].map((code): [string, Check, boolean] => [code, 'certificate', false]),
    ['CERT_HAS_EXPIRED', 'clock', false],
    ['CERT_NOT_YET_VALID', 'clock', false],
    ['CRL_HAS_EXPIRED', 'clock', false],
    ['CRL_NOT_YET_VALID', 'clock', false],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'proxy', true],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'proxy', true],
    ['HPE_INVALID_CONSTANT', 'proxy', true],
    ['PARSE_ERROR', 'proxy', true],
  ])('with %s asks to check: %s', (code, check, mayPass) => {
    expect(transportFailure(failing(code))).toEqual({ code, mayPass, check });
    expect(isStorageOutage(failing(code))).toBe(mayPass);
    expect(readHubFailure(failing(code))).toEqual({ kind: 'unavailable', code });
  });

  test.each([
    undefined,
    null,
    'ECONNRESET',
    new TypeError('x is not a function'),
    failing('ERR_INVALID_ARG_TYPE'),
    failing('ERR_MODULE_NOT_FOUND'),
    failing('AuthorizationFailure', { statusCode: 403 }),
    { code: 7 },
  ])('%p is no failure of the transport', (error) => {
    expect(transportFailure(error)).toBeUndefined();
    expect(isStorageOutage(error)).toBe(false);
  });

  test('is recognized behind a wrapper and in an aggregate, and a circle of causes ends the search', () => {
    const behind = new TypeError('fetch failed', { cause: failing('UND_ERR_SOCKET') });
    expect(transportFailure(behind)).toEqual({ code: 'UND_ERR_SOCKET', mayPass: true });
    expect(transportFailure(new AggregateError([new Error('a'), failing('ENETUNREACH')]))?.code).toBe('ENETUNREACH');
    const circle = new Error('a');
    circle.cause = circle;
    expect(transportFailure(circle)).toBeUndefined();
  });
});

describe('an identity without a token', () => {
  const before = process.env;
  beforeEach(() => {
    process.env = { ...before, IDENTITY_ENDPOINT: 'http://127.0.0.1:1/token' };
  });
  afterEach(() => {
    process.env = before;
  });

  /** What `DefaultAzureCredential` 4.13.1 throws when the endpoint of the managed identity fails with `cause`. */
  function chained(cause: object) {
    const ofIdentity = new CredentialUnavailableError('secret words', { cause });
    return new AggregateAuthenticationError(
      [new CredentialUnavailableError('no environment'), ofIdentity, new CredentialUnavailableError('no CLI')],
      'secret words',
    );
  }
  const answered = (status: number) =>
    Object.assign(new Error('secret'), { name: 'ServerError', errorCode: '', status });
  const network = Object.assign(new Error('secret'), { name: 'ClientAuthError', errorCode: 'network_error' });

  test.each([
    ['429', chained(answered(429))],
    ['500', chained(answered(500))],
    ['503', chained(answered(503))],
    ['404, while the endpoint is updated', chained(answered(404))],
    ['410, while the endpoint is updated', chained(answered(410))],
    ['no connection', chained(network)],
    ['EAI_AGAIN', chained(failing('EAI_AGAIN'))],
    ['a timeout of one credential alone', new CredentialUnavailableError('secret', { cause: failing('ETIMEDOUT') })],
    ['503 of Entra ID', new AuthenticationError(503, 'secret')],
  ])('may get one at the next try: %s', (_why, error) => {
    expect(transportFailure(error)).toEqual({ code: 'NoTokenYet', mayPass: true, check: 'identity' });
    expect(isStorageOutage(error)).toBe(true);
    expect(readHubFailure(error)).toEqual({ kind: 'unavailable', code: 'NoTokenYet' });
  });

  test.each([
    ['the endpoint does not know the identity', chained(answered(400))],
    ['the endpoint refuses', chained(answered(403))],
    ['no credential is there', new CredentialUnavailableError('secret')],
    ['none of the chain is there', new AggregateAuthenticationError([new CredentialUnavailableError('a')], 'secret')],
    ['Entra ID refuses', new AuthenticationError(400, { error: 'invalid_client', error_description: 'secret' })],
    ['somebody must sign in', new AuthenticationRequiredError({ scopes: ['a'], message: 'secret' })],
  ])('does not get one by waiting: %s', (_why, error) => {
    expect(transportFailure(error)).toEqual({ code: 'NoToken', mayPass: false, check: 'identity' });
    expect(isStorageOutage(error)).toBe(false);
    expect(readHubFailure(error)).toEqual({ kind: 'unauthorized', code: 'NoToken' });
  });

  test('has no identity where the platform announces no endpoint', () => {
    delete process.env.IDENTITY_ENDPOINT;
    expect(transportFailure(chained(network))?.code).toBe('NoToken');
  });
});
