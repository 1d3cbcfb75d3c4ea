import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readBulkVerdicts } from '../../../shared/hub/bulkVerdicts.ts';
import type { CreationVerdict, ModuleCreation } from '../../../shared/hub/registry.ts';

const creation = (deviceId: string): ModuleCreation => ({ deviceId, moduleId: 'm', authentication: 'sas' });

function bodyOf(errors: unknown): string {
  return JSON.stringify({ isSuccessful: false, errors, warnings: [] });
}

function verdictOf(errorCode: unknown): CreationVerdict | undefined {
  const error = { deviceId: 'a', moduleId: 'm', errorCode, errorStatus: 'No.', operation: 'create' };
  return readBulkVerdicts([creation('a')], bodyOf([error]))?.[0];
}

describe('the verdicts of a refused bulk call', () => {
  test.each<[unknown, unknown]>([
    ['ModuleAlreadyExistsOnDevice', 'exists'],
    ['modulealreadyexistsondevice', 'exists'],
    ['DeviceAlreadyExists', 'exists'],
    [409301, 'exists'],
    ['409301', 'exists'],
    ['DeviceNotFound', { refused: 'deviceNotFound', code: 'DeviceNotFound' }],
    [404001, { refused: 'deviceNotFound', code: '404001' }],
    ['TooManyModulesOnDevice', { refused: 'tooManyModules', code: 'TooManyModulesOnDevice' }],
    [
      'OperationNotAvailableInCurrentTier',
      { refused: 'tierWithoutModules', code: 'OperationNotAvailableInCurrentTier' },
    ],
    ['DeviceDisabled', { refused: 'deviceDisabled', code: 'DeviceDisabled' }],
    ['ArgumentInvalid', { refused: 'invalid', code: 'ArgumentInvalid' }],
    ['CannotRegisterModuleToModule', { refused: 'invalid', code: 'CannotRegisterModuleToModule' }],
  ])('for %s are %j', (code, verdict) => {
    expect(verdictOf(code)).toEqual(verdict);
  });

  test.each<unknown>([
    'ThrottlingException',
    'ThrottlingBacklogTimeout',
    'DeviceThrottlingLimitExceeded',
    429001,
    'ServerError',
    'GenericServerError',
    'GenericTimeout',
    'RequestTimedOut',
    'ServiceUnavailable',
    'ServerBusy',
    'IotHubFailingOver',
    'GenericConflict',
    'DeviceLocked',
    'SomethingNew',
    '',
    null,
    undefined,
    { name: 'odd' },
    { toString: 1 },
  ])('for %j are unknown, so that the identity is looked up', (code) => {
    expect(verdictOf(code)).toBe('unknown');
  });

  test('the verdict for a 401 is unauthorized, because a 401 may concern the device or the app', () => {
    expect(verdictOf('IotHubUnauthorizedAccess')).toEqual({
      refused: 'unauthorized',
      code: 'IotHubUnauthorizedAccess',
    });
  });

  test('verdicts are matched by identity, and an identity that is not listed is unknown', () => {
    const body = bodyOf([
      { deviceId: 'c', moduleId: 'm', errorCode: 'DeviceNotFound' },
      { deviceId: 'a', moduleId: 'm', errorCode: 'ModuleAlreadyExistsOnDevice' },
      { deviceId: 'b', moduleId: 'other', errorCode: 'ArgumentInvalid' },
      { deviceId: 'nobody', moduleId: 'm', errorCode: 'ArgumentInvalid' },
      { errorCode: 'ArgumentInvalid' },
      null,
      'text',
    ]);
    expect(readBulkVerdicts(['a', 'b', 'c'].map(creation), body)).toEqual([
      'exists',
      'unknown',
      { refused: 'deviceNotFound', code: 'DeviceNotFound' },
    ]);
  });

  test('distinguish ids by case and by every legal character', () => {
    const ids = ["a'b", "A'b", '50%_#1?', 'x*(y)!$@=;,:.+'];
    const errors = ids.slice(1).map((deviceId) => ({ deviceId, moduleId: 'm', errorCode: 'DeviceAlreadyExists' }));
    expect(readBulkVerdicts(ids.map(creation), bodyOf(errors))).toEqual(['unknown', 'exists', 'exists', 'exists']);
  });

  test.each([
    '',
    '{"isSuccessful":fal',
    'null',
    '7',
    '[]',
    '<html>',
    '{"Message":"ErrorCode:ArgumentInvalid;BadRequest","ExceptionMessage":""}',
    '{"errors":{"id":["bad"]}}',
  ])('are undefined for a body that is not a bulk result: %s', (body) => {
    expect(readBulkVerdicts([creation('a')], body)).toBeUndefined();
  });

  test('there is one verdict for each creation, or no verdicts, for any body', () => {
    const errors = fc.array(
      fc.record({ deviceId: fc.jsonValue(), moduleId: fc.jsonValue(), errorCode: fc.jsonValue() }),
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), errors.map(bodyOf)), (body) => {
        const verdicts = readBulkVerdicts([creation('a'), creation('b')], body);
        expect([undefined, 2]).toContain(verdicts?.length);
      }),
    );
  });
});
