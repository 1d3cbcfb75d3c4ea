import * as z from 'zod/mini';
import { exemptionStates } from '../policy/exemption.ts';

// The query parameters of the HTTP API. Each has its own `error` text, which says what to write and quotes no value.

const hub = z
  .string({ error: 'write the name of a hub' })
  .check(z.describe('Name of a hub, in any case. Default: all hubs.'));

const continuation = z
  .string({ error: 'send the `continuation` of an earlier response unchanged' })
  .check(
    z.regex(/^[^/]+\/[^/]+$/, { error: 'send the `continuation` of an earlier response unchanged' }),
    z.describe('The `continuation` of the previous page, unchanged.'),
  );

const limitError = 'write a whole number from 1 to 100';
const limit = z
  .string({ error: limitError })
  .check(
    z.regex(/^(?:[1-9]\d?|100)$/, { error: limitError }),
    z.describe('Number of runs on a page, from 1 to 100. Default: 50.'),
  );

/** The query parameters of `GET /api/sweeps`. */
export const sweepsQuery = z.object({
  hub: z.exactOptional(hub),
  continuation: z.exactOptional(continuation),
  limit: z.exactOptional(limit),
});

/** The query parameters of every list with a line for each device and module. */
const lines = {
  format: z.exactOptional(
    z
      .enum(['ndjson', 'csv'], { error: 'write ndjson or csv' })
      .check(z.describe('Takes precedence over the header Accept; without both, ndjson.')),
  ),
  moduleId: z.exactOptional(
    z.string({ error: 'write the id of a module' }).check(z.describe('Only lines of this module. Case matters.')),
  ),
  reason: z.exactOptional(
    z.string({ error: 'write a reason, such as disabled' }).check(z.describe('Only lines with this reason.')),
  ),
  deviceId: z.exactOptional(
    z
      .string({ error: 'write the beginning of a device id' })
      .check(z.describe('Only lines of devices whose id begins with this text. Case matters.')),
  ),
};

/** The query parameters of `GET /api/sweeps/{hub}/{runId}/failures`. */
export const failuresQuery = z.object({
  ...lines,
  outcome: z.exactOptional(
    z
      .enum(['failed', 'blocked'], { error: 'write failed or blocked' })
      .check(z.describe('Only lines with this outcome.')),
  ),
});

/** The query parameters of `GET /api/sweeps/{hub}/{runId}/changes`. */
export const changesQuery = z.object({
  ...lines,
  outcome: z.exactOptional(
    z
      .enum(['created', 'updated', 'removed'], { error: 'write created, updated or removed' })
      .check(z.describe('Only lines with this outcome.')),
  ),
});

/** The query parameters of `GET /api/sweeps/{hub}/{runId}/exemptions`. */
export const exemptionsQuery = z.object({
  ...lines,
  state: z.exactOptional(
    z
      .enum(exemptionStates, {
        error: 'write active, endsSoon, ended, withoutEnd or unreadable',
      })
      .check(z.describe('Only lines with this state.')),
  ),
});

/** The query parameters of `PUT /api/policy`. */
export const policyQuery = z.object({
  dryRun: z.exactOptional(
    z
      .enum(['true', 'false'], { error: 'write true or false' })
      .check(z.describe('With `true` the policy is only checked; then no precondition is needed.')),
  ),
});

/** A schema of query parameters: an object of strings, each optional. */
export type QuerySchema = z.ZodMiniObject<z.core.$ZodShape>;
