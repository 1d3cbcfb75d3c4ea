import { describe, expect, test } from '@jest/globals';
import { bulk, expectErrors, type Kind, missingCode, present, unusedIdentity } from './bulkEntries.ts';
import type { HubUnderTest } from './hubUnderTest.ts';

/** Tests the responses of an import mode for existing identities: to a successful and to a failed call. */
export function checkBulkShape(hub: HubUnderTest, kind: Kind, importMode: string): void {
  describe('shape', () => {
    test('returns {isSuccessful, errors, warnings}; each error names identity, reason and mode', async () => {
      const [there, missing] = [await present(hub, kind), await unusedIdentity(hub, kind)];
      const done = await bulk(hub, [{ ...there.names, importMode }]);
      expect([done.status, done.headers['iothub-errorcode']]).toEqual([200, undefined]);
      expect(JSON.stringify(done.body)).toBe('{"isSuccessful":true,"errors":[],"warnings":[]}');
      const failed = await bulk(hub, [{ ...missing.names, importMode }]);
      expectErrors(failed, importMode, [[missing, missingCode(kind)]]);
      const [error] = (failed.body as { errors: object[] }).errors;
      expect(Object.keys(error ?? {})).toEqual(['deviceId', 'moduleId', 'errorCode', 'errorStatus', 'operation']);
    });
  });
}
