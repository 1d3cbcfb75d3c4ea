import * as z from 'zod/mini';
import { deviceIdPattern } from '../deviceKey.ts';
import { runIdPattern } from '../run/run.ts';

// Parts that several schemas of the HTTP API share. Only `openApiDocument.ts` loads the schemas of responses; all other code
// imports types of them.

/** The schemas in `components` of the API description, each with its name. */
export const components = z.registry<{ id: string }>();

/** Adds a schema to `components`, with this name. */
export function named<Schema extends z.ZodMiniType>(id: string, schema: Schema): Schema {
  components.add(schema, { id });
  return schema;
}

/** Adds a description to a schema, for the API description. */
export function described<Schema extends z.ZodMiniType>(schema: Schema, text: string): Schema {
  return schema.check(z.describe(text));
}

export const count = z.int().check(z.minimum(0));
export const countByReason = z.record(z.string(), count);
/** ISO 8601, UTC. */
export const time = z.iso.datetime();
export const timeOrNull = z.nullable(time);
export const textOrNull = z.nullable(z.string());

export const deviceId = named('DeviceId', z.string().check(z.regex(deviceIdPattern)));
export const runId = named(
  'RunId',
  described(
    z.string().check(z.regex(runIdPattern)),
    'The time of the request in seconds, and four hexadecimal digits. Sorts by time.',
  ),
);

export const settingProblem = named(
  'SettingProblem',
  z.object({
    setting: described(z.string(), 'Name of the setting, with the path inside a JSON setting.'),
    message: described(z.string(), 'What to write instead.'),
  }),
);

/** Something stored that could not be read. */
export const unreadable = z.object({ what: z.string(), why: described(z.string(), 'Why, and what to do.') });

export const problem = named(
  'Problem',
  z.object({
    type: z.string().check(z.regex(/^urn:module-keeper:[a-z-]+$/)),
    title: z.string(),
    status: z.int().check(z.minimum(400), z.maximum(599)),
    detail: z.string(),
    errors: z.exactOptional(
      described(
        z.array(z.object({ field: z.string(), message: described(z.string(), 'What to write instead.') })),
        'Every field that is wrong.',
      ),
    ),
  }),
);

/** The body of problem details. */
export type ProblemBody = z.infer<typeof problem>;
