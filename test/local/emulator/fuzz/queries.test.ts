import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { QuerySyntaxError } from '../../../../local/emulator/query/ast.ts';
import { parseQuery } from '../../../../local/emulator/query/parseQuery.ts';
import { withEmulator } from '../withEmulator.ts';
import { anyQuery } from './anyQuery.ts';
import { fuzzRuns } from './fuzzRuns.ts';
import { expectHubResponse } from './hubResponse.ts';
import { oddIdentities } from './oddIdentities.ts';

/** The service takes no longer ones, so the parser never sees them. */
const mostCharacters = 8192;

const parserRuns = fuzzRuns('the query parser');
const serverRuns = fuzzRuns('queries over HTTPS');

describe('Any text sent as a query', () => {
  test(
    'the parser returns a query or throws QuerySyntaxError for any text',
    () => {
      let understood = 0;
      fc.assert(
        fc.property(anyQuery, (text) => {
          try {
            expect(['devices', 'devices.modules']).toContain(parseQuery(text).from);
            understood += 1;
          } catch (error) {
            expect(error).toBeInstanceOf(QuerySyntaxError);
          }
        }),
        parserRuns.parameters,
      );
      expect(understood).toBeGreaterThan(parserRuns.parameters.numRuns / 5); // else the inputs test little
    },
    parserRuns.timeoutMs,
  );

  test(
    'any query text gets rows or a refusal in a format of the hub',
    async () => {
      await withEmulator({}, async (client, emulator) => {
        oddIdentities(emulator.hub);
        const rows = fc.constantFrom('', '1', '2', '1000', '0', 'x');
        await fc.assert(
          fc.asyncProperty(anyQuery, rows, async (text, pageRows) => {
            const reply = await client.query(text, pageRows === '' ? {} : { 'x-ms-max-item-count': pageRows });
            expectHubResponse('rows', reply);
            if (text.length > mostCharacters) expect(reply.status).toBe(412);
          }),
          serverRuns.parameters,
        );
      });
    },
    serverRuns.timeoutMs,
  );
});
