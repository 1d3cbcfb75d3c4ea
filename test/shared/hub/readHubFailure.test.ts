import { inspect } from 'node:util';
import {
  AggregateAuthenticationError,
  AuthenticationError,
  AuthenticationRequiredError,
  CredentialUnavailableError,
} from '@azure/identity';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { azureRegistry } from '../../../shared/hub/azureRegistry.ts';
import { HubError, type HubErrorKind } from '../../../shared/hub/hubError.ts';
import { namedErrorKind, readHubFailure } from '../../../shared/hub/readHubFailure.ts';
import { hubConfig } from './hubConfig.ts';

type Row = [status: number, number: string, name: string, kind: HubErrorKind, message?: string];

const capMessage = 'Total number of devices on IotHub exceeded the allocated quota.';
const quotaMessage = "Total number of messages on IotHub 'contoso' exceeded the allocated quota.";

/** Codes of Microsoft's "Understand and resolve Azure IoT Hub errors", and the kind of each. */
const rows: Row[] = [
  [400, '400003', 'InvalidOperation', 'invalid'],
  [400, '400004', 'ArgumentInvalid', 'invalid'],
  [400, '400006', 'IotHubFormatError', 'invalid'],
  [400, '400011', 'DeviceDefinedMultipleTimes', 'invalid'],
  [400, '400013', 'BulkRegistryOperationFailure', 'invalid'],
  [400, '400021', 'RequestCanceled', 'unavailable'],
  [400, '400024', 'RequestTimedOut', 'unavailable'],
  [400, '400301', 'CannotRegisterModuleToModule', 'invalid'],
  [401, '401002', 'IotHubUnauthorizedAccess', 'unauthorized'],
  [401, '401003', 'IotHubUnauthorized', 'unauthorized'],
  [401, '401100', 'SystemModuleModifyUnauthorizedAccess', 'unauthorized'],
  [403, '403000', 'GenericForbidden', 'forbidden'],
  [403, '403002', 'IotHubQuotaExceeded', 'identityCap', capMessage],
  [403, '403002', 'IotHubQuotaExceeded', 'dailyQuota', quotaMessage],
  [403, '403003', 'JobQuotaExceeded', 'forbidden'],
  [403, '403010', 'OperationNotAvailableInCurrentTier', 'tierWithoutModules'],
  [403, '403012', 'DeviceDisabled', 'deviceDisabled'],
  [404, '404000', 'GenericNotFound', 'unavailable'],
  [404, '404001', 'DeviceNotFound', 'deviceNotFound'],
  [404, '404010', 'ModuleNotFound', 'moduleNotFound'],
  [404, '404012', 'IotHubFailingOver', 'unavailable'],
  [405, '405103', 'ImportDevicesNotSupported', 'invalid'],
  [405, '405104', 'BulkAddDevicesNotSupported', 'invalid'],
  [409, '409001', 'DeviceAlreadyExists', 'moduleExists'],
  [409, '409301', 'ModuleAlreadyExistsOnDevice', 'moduleExists'],
  [409, '409102', 'DeviceLocked', 'unavailable'],
  [412, '412001', 'PreconditionFailed', 'etagMismatch'],
  [413, '413002', 'TooManyDevices', 'invalid'],
  [413, '413003', 'TooManyModulesOnDevice', 'tooManyModules'],
  [429, '429000', 'GenericTooManyRequests', 'throttled'],
  [429, '429001', 'ThrottlingException', 'throttled'],
  [429, '429002', 'ThrottleBacklogLimitExceeded', 'throttled'],
  [429, '429003', 'ThrottlingBacklogTimeout', 'throttled'],
  [429, '429004', 'ThrottlingMaxActiveJobCountExceeded', 'throttled'],
  [429, '429005', 'DeviceThrottlingLimitExceeded', 'throttled'],
  [499, '499000', 'ClientClosedRequest', 'unavailable'],
  [500, '500001', 'ServerError', 'unavailable'],
  [500, '500008', 'GenericTimeout', 'unavailable'],
  [502, '502000', 'GenericBadGateway', 'unavailable'],
  [503, '503001', 'ServiceUnavailable', 'unavailable'],
  [503, '503005', 'ServerBusy', 'unavailable'],
  [504, '504101', 'GatewayTimeout', 'unavailable'],
];

const trackingId = 'e5a5e5f1b2c34d6f8a9b0c1d2e3f4a5b';

/** The three shapes of a hub's error body; A holds the name, B and C the number. */
const shapes = {
  A: ([, , name, , message = 'No.']: Row) =>
    JSON.stringify({
      Message: `ErrorCode:${name};${message}`,
      ExceptionMessage: `Tracking ID:${trackingId}-G:0-TimeStamp:09/01/2020 20:58:38`,
    }),
  B: ([, number, , , message = 'No.']: Row) =>
    JSON.stringify({ errorCode: Number(number), message, trackingId, timestampUtc: '2026-08-15T10:00:00Z' }),
  C: (row: Row) => JSON.stringify({ Message: shapes.B(row), ExceptionMessage: '' }),
};

function sdkError(statusCode: number, responseBody: string, errorCode?: string): Error {
  const headers = errorCode === undefined ? {} : { 'iothub-errorcode': errorCode };
  return Object.assign(new Error('TooManyDevicesError'), { response: { statusCode, headers }, responseBody });
}

describe('the kind of a refusal', () => {
  for (const shape of ['A', 'B', 'C'] as const) {
    test.each(rows)(`%i %s %s in body shape ${shape} is read with and without the header`, (...row) => {
      const [status, number, name, kind] = row;
      const body = shapes[shape](row);
      const code = shape === 'A' ? name : number;
      expect(readHubFailure(sdkError(status, body))).toEqual({ kind, status, code, trackingId });
      expect(readHubFailure(sdkError(status, body, name))).toEqual({ kind, status, code: name, trackingId });
    });
  }

  test.each(rows.filter(([, , , kind]) => kind !== 'identityCap'))(
    '%i %s %s is read from the header alone',
    (...row) => {
      const [status, , name, kind] = row;
      expect(readHubFailure(sdkError(status, '', name))).toEqual({ kind, status, code: name });
    },
  );

  // An entry of a bulk result has no status, only the name or the number.
  test.each(rows.filter(([, , name, kind]) => kind !== 'identityCap' && name !== 'BulkRegistryOperationFailure'))(
    '%i %s %s means the same in an entry of a bulk result',
    (_status, number, name, kind) => {
      expect([namedErrorKind(name), namedErrorKind(number)]).toEqual([kind, kind]);
    },
  );

  test('a bulk failure of another entry decides nothing about this one', () => {
    expect(namedErrorKind('BulkRegistryOperationFailure')).toBe('unavailable');
  });

  test.each([
    [302, 'unavailable'],
    [307, 'unavailable'],
    [400, 'invalid'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'unavailable'],
    [407, 'unavailable'],
    [408, 'unavailable'],
    [409, 'moduleExists'],
    [413, 'invalid'],
    [429, 'throttled'],
    [500, 'unavailable'],
    [503, 'unavailable'],
    [511, 'unavailable'],
  ] as const)('a status %i without a code is %s', (status, kind) => {
    expect(readHubFailure(sdkError(status, '<html>Gateway</html>'))).toEqual({ kind, status });
  });

  test.each([
    [`Tracking ID:${trackingId}-TimeStamp:09/01/2020 20:58:38`, trackingId],
    [`Tracking ID:${trackingId}-G:12-TimeStamp:09/01/2020 20:58:38`, trackingId],
    ['Tracking ID:7c8c5a2c-0a2b-4f43-9d4e-2f1b3c4d5e6f-TimeStamp:x', '7c8c5a2c-0a2b-4f43-9d4e-2f1b3c4d5e6f'],
    [`Tracking ID:${trackingId}`, trackingId],
    ['Tracking ID:SharedAccessSignature sr=contoso', undefined],
  ])('the tracking id is read from "%s"', (ExceptionMessage, id) => {
    const body = JSON.stringify({ Message: 'ErrorCode:ServerError;Oh.', ExceptionMessage });
    expect(readHubFailure(sdkError(500, body)).trackingId).toBe(id);
  });
});

describe('a call without a complete response', () => {
  test.each([
    [Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }), { kind: 'unavailable', code: 'ECONNRESET' }],
    [new SyntaxError('Unexpected end of JSON input'), { kind: 'unavailable', code: 'NotJson' }],
    [new Error('no reason'), { kind: 'unavailable' }],
    [Object.assign(new Error('cut'), { response: { statusCode: 200 } }), { kind: 'unavailable', status: 200 }],
    [undefined, { kind: 'unavailable' }],
    [null, { kind: 'unavailable' }],
    ['a string', { kind: 'unavailable' }],
  ])('is read as unavailable: %s', (error, failure) => {
    expect(readHubFailure(error)).toEqual(failure);
  });
});

describe('a credential without a token', () => {
  const secret = 'client_secret=c2VjcmV0';
  test.each([
    new CredentialUnavailableError(secret),
    new AuthenticationError(400, { error: 'invalid_client', error_description: secret }),
    new AuthenticationRequiredError({ scopes: ['https://iothubs.azure.net/.default'], message: secret }),
    new AggregateAuthenticationError([new CredentialUnavailableError(secret)], secret),
  ])('is read as unauthorized, not unavailable, without its message: $name', async (cause) => {
    const error: unknown = await azureRegistry(hubConfig(), async () => ({ getToken: () => Promise.reject(cause) }))
      .getDevice('a')
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'HubError', kind: 'unauthorized', code: 'NoToken', status: undefined });
    expect(error).toMatchObject({ message: 'read device twin on hub contoso: unauthorized (NoToken)' });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(secret);
  });
});

describe('an unexpected error body', () => {
  const secret = 'SharedAccessSignature sr=contoso&sig=abc';
  const unusualValue = fc.oneof(fc.anything(), fc.constant(secret), fc.constant({ toString: 1 }));
  const unexpectedBody = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record(
        {
          Message: unusualValue,
          ExceptionMessage: unusualValue,
          errorCode: unusualValue,
          message: unusualValue,
          trackingId: unusualValue,
        },
        { requiredKeys: [] },
      )
      .map((body) => jsonOf(body)),
    fc.string().map((text) => JSON.stringify({ Message: `ErrorCode:${text};${secret}`, ExceptionMessage: text })),
  );

  test('never makes readHubFailure throw, and no text of it reaches the error', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 300, max: 599 }),
        unexpectedBody,
        fc.option(fc.string()),
        (status, body, header) => {
          const error = new HubError('contoso', 'read', readHubFailure(sdkError(status, body, header ?? undefined)));
          expect(error.message).toMatch(
            /^read on hub contoso: [a-zA-Z]+ \(HTTP \d{3}(, [A-Za-z0-9_]{1,64})?(, tracking id [0-9A-Fa-f-]{8,128})?\)$/,
          );
          expect(error.code ?? '').toMatch(/^[A-Za-z0-9_]{0,64}$/);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch (error) {
    if (error instanceof TypeError) return ''; // a bigint or a cycle, which JSON cannot hold
    throw error;
  }
}
