import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { withEmulator } from '../withEmulator.ts';
import { anyRequest } from './anyRequest.ts';
import { fuzzRuns } from './fuzzRuns.ts';
import { expectHubResponse } from './hubResponse.ts';
import { oddIdentities } from './oddIdentities.ts';

const runs = fuzzRuns('requests of every operation');

/** The least share of inputs on each side; a generator that only makes refusals, or none, would test little. */
const leastShare = 0.1;

describe('Any body sent to any operation', () => {
  test(
    'any body gets success or a refusal in a known format, never a 500',
    async () => {
      await withEmulator({}, async (client, emulator) => {
        oddIdentities(emulator.hub);
        const counts = { done: 0, refused: 0 };
        await fc.assert(
          fc.asyncProperty(anyRequest, async ({ method, path, responseKind, ...sending }) => {
            const reply = await client.send(method, path, sending);
            expectHubResponse(responseKind, reply);
            counts[reply.status < 300 ? 'done' : 'refused'] += 1;
          }),
          runs.parameters,
        );
        for (const share of Object.values(counts)) expect(share / runs.parameters.numRuns).toBeGreaterThan(leastShare);
        expect((await client.query('SELECT * FROM devices')).status).toBe(200);
        expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
      });
    },
    runs.timeoutMs,
  );
});
