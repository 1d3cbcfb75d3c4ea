import * as z from 'zod/mini';
import { objectOf } from '../config/jsonSetting.ts';

/** The longest list of hubs; the settings of one app cannot have so many. */
const maxHubs = 1_000;
const hubList = `write a list of 1 to ${maxHubs} names of hubs, such as ["contoso"], or leave it out for all hubs`;

/** The body of `POST /api/sweeps`. */
export const sweepBody = objectOf({
  hubs: z.optional(
    z
      .array(z.string({ error: 'write the name of a hub, such as "contoso"' }), { error: hubList })
      .check(
        z.minLength(1, { error: hubList }),
        z.maxLength(maxHubs, { error: hubList }),
        z.describe('Names of hubs, in any case. If absent, all that are not paused.'),
      ),
  ),
  dryRun: z.optional(
    z
      .boolean({ error: 'write true or false' })
      .check(z.describe('Compares and counts; creates nothing. Default: false.')),
  ),
});
