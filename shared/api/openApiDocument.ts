import * as z from 'zod/mini';
import { components, deviceId, problem, runId } from './basics.ts';
import { type OkAnswer, type Operation, operations } from './operations.ts';
import { policyJson } from './policySchemas.ts';
import { type ProblemExample, type ProblemType, problems } from './problems.ts';
import type { QuerySchema } from './queries.ts';
import { sweepBody } from './sweepBody.ts';

type Json = Record<string, unknown>;

/** The address of the API, for the description. */
export interface ApiServer {
  url: string;
  description?: string;
  variables?: Record<string, { default: string; description: string }>;
}

const requestSchema = 'SweepRequest';

/**
 * Returns the description of the HTTP API (OpenAPI 3.1), made from the schemas that check requests and type responses. It allows
 * further members in responses, because later versions may add some, but none in requests.
 */
export function openApiDocument(version: string, servers: readonly ApiServer[]): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Module keeper',
      version,
      summary: 'See how hubs stand; start and follow sweeps; verify or reconcile the modules of one device.',
      description:
        'The HTTP functions of Module keeper. Responses may gain fields; required fields stay. Errors are problem details (RFC 9457, `application/problem+json`); each response lists, as its examples, the `type`s that it can have. `errors`, where present, names every field that is wrong. A query parameter or a body that a call does not read is refused with 400; the parameters of the Functions runtime, `code` and `clientId`, pass. No response holds a key of a device, a module, a hub or the app.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers,
    security: [{ functionKey: [] }, { functionKeyInUrl: [] }],
    tags: [
      {
        name: 'status',
        description: 'The state of the app and its hubs, from stored documents and queue counts; no hub is called.',
      },
      { name: 'sweeps', description: 'One run brings every device of one hub to the policy.' },
      {
        name: 'devices',
        description:
          'One device, at once. These calls have a small budget of their own; each has one try of five seconds.',
      },
      { name: 'app', description: 'The app itself.' },
    ],
    paths: pathsOf(operations),
    components: {
      securitySchemes: {
        functionKey: { type: 'apiKey', in: 'header', name: 'x-functions-key' },
        functionKeyInUrl: { type: 'apiKey', in: 'query', name: 'code' },
      },
      parameters,
      schemas: componentSchemas(),
      examples: Object.fromEntries(Object.entries(problems).map(([type, example]) => [type, exampleOf(type, example)])),
    },
  };
}

const ref = (kind: 'schemas' | 'parameters' | 'examples', name: string) => ({ $ref: `#/components/${kind}/${name}` });

const parameters = {
  hub: {
    ...{ name: 'hub', in: 'path', required: true },
    description: 'Name of a configured hub, in any case.',
    schema: { type: 'string' },
  },
  runId: {
    name: 'runId',
    in: 'path',
    required: true,
    description: 'Id of a run.',
    schema: ref('schemas', nameOf(runId)),
  },
  deviceId: {
    ...{ name: 'deviceId', in: 'path', required: true },
    description: 'Percent-encoded; it cannot contain `/`. Case matters.',
    schema: ref('schemas', nameOf(deviceId)),
  },
};

function pathsOf(all: readonly Operation[]): Json {
  const paths: Record<string, Json> = {};
  for (const operation of all) {
    const { method, path } = operation;
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    paths[path] ??= names.length === 0 ? {} : { parameters: names.map((name) => ref('parameters', name)) };
    paths[path][method] = operationOf(operation);
  }
  return paths;
}

function operationOf({ id, tag, summary, description, query, body, open, answers, problems: types }: Operation): Json {
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(open ? { security: [] } : {}),
    ...parametersOf(query, body === 'policy'),
    ...(body ? { requestBody: bodies[body] } : {}),
    responses: responsesOf(answers, types, open === true),
  };
}

/** The request bodies, by `Operation.body`. */
const bodies = {
  sweep: {
    description:
      'No body, or an empty one, counts as `{}`. At most 65,536 bytes. The content types that `curl -d` and `fetch` send with every text are accepted as JSON too.',
    required: false,
    content: { 'application/json': { schema: ref('schemas', requestSchema) } },
  },
  policy: {
    description:
      'The policy, as docs/policy.schema.json describes it. At most 2,097,152 bytes. The content types that `curl -d` and `fetch` send with every text are accepted as JSON too.',
    required: true,
    content: { 'application/json': { schema: ref('schemas', nameOf(policyJson)) } },
  },
};

const preconditions = [
  {
    ...{ name: 'If-Match', in: 'header', required: false },
    description: 'The `ETag` of GET /policy, to replace that version.',
    schema: { type: 'string', pattern: '^"[^"]+"$' },
  },
  {
    ...{ name: 'If-None-Match', in: 'header', required: false },
    description: '`*`: there is no policy.json yet.',
    schema: { type: 'string', const: '*' },
  },
];

function parametersOf(query: QuerySchema | undefined, hasPrecondition: boolean): Json {
  const all = [...(hasPrecondition ? preconditions : []), ...(query ? queryParameters(query) : [])];
  return all.length === 0 ? {} : { parameters: all };
}

function queryParameters(query: QuerySchema): Json[] {
  return Object.entries(query._zod.def.shape).map(([name, schema]) => {
    const { description, ...rest } = jsonSchema(schema, 'input');
    return { name, in: 'query', required: false, description, schema: rest };
  });
}

function responsesOf(answers: Record<number, OkAnswer>, types: readonly ProblemType[], isOpen: boolean): Json {
  const responses: Record<string, Json> = {};
  for (const [status, answer] of Object.entries(answers)) responses[status] = okResponse(answer);
  if (!isOpen) {
    responses[401] = { description: 'No function key, or a wrong one. The Functions host returns it, without a body.' };
  }
  for (const [status, ofStatus] of Map.groupBy([...types].sort(), (type) => problems[type].status)) {
    responses[status] = problemResponse(status, ofStatus);
  }
  return Object.fromEntries(Object.entries(responses).sort(([one], [other]) => Number(one) - Number(other)));
}

function okResponse({ description, content, headers }: OkAnswer): Json {
  const media = Object.entries(content).map(([type, schema]) => {
    if (schema === 'text') return [type, { schema: { type: 'string' } }];
    return [type, { schema: schema === 'any' ? { type: 'object' } : ref('schemas', nameOf(schema)) }];
  });
  return {
    description,
    ...(headers ? { headers } : {}),
    ...(media.length === 0 ? {} : { content: Object.fromEntries(media) }),
  };
}

const statusTexts: Readonly<Record<number, string>> = {
  400: 'The request has something that this call does not understand. Nothing was done.',
  404: 'There is no such hub, run or device.',
  406: 'The call has none of the formats in Accept.',
  409: 'The settings pause the hub, or the run or its hub is not in a state for this call. Nothing is changed.',
  412: 'policy.json is not the version that the request replaces.',
  413: 'The body is larger than 65,536 bytes, or a policy than 2,097,152.',
  415: 'The body has another media type.',
  428: 'The request has neither If-Match nor If-None-Match.',
  500: 'An unexpected error. The response says nothing about it; the log of the invocation does.',
  502: 'The hub does not accept the call; waiting does not help.',
  503: 'Not now.',
};

const retryAfter = {
  'Retry-After': {
    description:
      'Seconds to wait. With `limited`, `throttled`, `hub-unavailable`, and with `storage-unavailable` if the outage may pass by itself.',
    schema: { type: 'integer', minimum: 1 },
  },
};

function problemResponse(status: number, types: readonly ProblemType[]): Json {
  return {
    description: statusTexts[status] ?? '',
    ...(status === 503 ? { headers: retryAfter } : {}),
    content: {
      'application/problem+json': {
        schema: ref('schemas', nameOf(problem)),
        examples: Object.fromEntries(types.map((type) => [type, ref('examples', type)])),
      },
    },
  };
}

function exampleOf(type: string, { summary, title, status, detail, errors }: ProblemExample): Json {
  const value = { type: `urn:module-keeper:${type}`, title, status, detail, ...(errors ? { errors } : {}) };
  return { ...(summary === undefined ? {} : { summary }), value };
}

function componentSchemas(): Json {
  const options = { uri: (id: string) => `#/components/schemas/${id}`, ...howToConvert };
  const { schemas } = z.toJSONSchema(components, options) as { schemas: Record<string, Json> };
  const all = Object.entries(schemas).map(([name, schema]) => [name, withoutIds(schema)] as const);
  const request = [requestSchema, jsonSchema(sweepBody, 'input')] as const;
  return Object.fromEntries([...all, request].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Removes `$schema`, `$id` and `id`, which only a schema in a file of its own needs. */
function withoutIds({ $schema: _dialect, $id: _id, id: _name, ...schema }: Json): Json {
  return schema;
}

function jsonSchema(schema: z.core.$ZodType, io: 'input' | 'output'): Json {
  return withoutIds(z.toJSONSchema(schema, { ...howToConvert, io }) as Json);
}

const howToConvert: z.core.ToJSONSchemaParams = {
  override: ({ zodSchema, jsonSchema: json }) => {
    // Zod adds this limit to every whole number; it would only confuse a reader.
    if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
    // `format` has the same meaning and is shorter.
    if (json.format === 'date-time' || json.format === 'date') delete json.pattern;
    const { def } = zodSchema._zod;
    // Only `strictObject`, for requests, forbids further members.
    if (def.type === 'object' && (def as { catchall?: unknown }).catchall === undefined)
      delete json.additionalProperties;
  },
};

function nameOf(schema: z.core.$ZodType): string {
  const name = components.get(schema as never)?.id;
  if (name === undefined) throw new Error('This schema has no name.');
  return name;
}
