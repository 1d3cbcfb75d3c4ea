import { describe, expect, test } from '@jest/globals';
import { bulk, expectErrors, freePlace, type Kind, missingCode, present } from './bulkEntries.ts';
import type { HubUnderTest } from './hubUnderTest.ts';

/** The answers of one import mode that works on what is there: to a call that did all, and to one that could not. */
export function checkBulkShape(hub: HubUnderTest, kind: Kind, importMode: string): void {
  describe('shape', () => {
    test('returns {isSuccessful, errors, warnings}; each error names identity, reason and mode', async () => {
      const [there, missing] = [await present(hub, kind), await freePlace(hub, kind)];
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
