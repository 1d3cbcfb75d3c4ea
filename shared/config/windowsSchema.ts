import * as z from 'zod/mini';
import { weekdays } from '../policy/maintenanceWindow.ts';
import { objectOf } from './jsonSetting.ts';
import { listOf, optional } from './schemaParts.ts';

const names = weekdays.map((name) => `"${name}"`).join(', ');
const dayError = `write a day as one of ${names}`;
const daysError = 'write a list of days, such as ["sat", "sun"]; leave it out for every day';
const fromError = 'write the time in UTC as "hh:mm", such as "22:00"';
const toError = 'write the time in UTC as "hh:mm", up to "24:00"';

const window = objectOf({
  days: optional(
    listOf(z.enum(weekdays, { error: dayError }), daysError),
    'The days on which the window opens, in UTC. Default: every day.',
  ),
  from: z
    .string({ error: fromError })
    .check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: fromError }), z.describe('When the window opens, in UTC.')),
  to: z
    .string({ error: toError })
    .check(
      z.regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, { error: toError }),
      z.describe('When the window closes, in UTC; on the next day if this time is not after from.'),
    ),
}).check(
  z.refine(({ from, to }) => from !== to, {
    error: 'is empty, because it closes when it opens; for a whole day write "from": "00:00", "to": "24:00"',
  }),
);

/** Schema of the member `windows` of a spec. */
export const windowsSchema = listOf(
  window,
  'write a list of windows, such as [{"days": ["sat"], "from": "22:00", "to": "04:00"}]',
);
