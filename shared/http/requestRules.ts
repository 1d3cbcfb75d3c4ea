import type { HttpRequest } from '@azure/functions';
import * as z from 'zod/mini';
import type { QuerySchema } from '../api/queries.ts';
import { Problem, type ProblemError } from './problem.ts';

/** What a function reads of a request besides its path. Anything else is refused, because it would be ignored without notice. */
export interface RequestRules {
  /** The query parameters. */
  query?: QuerySchema;
  body?: boolean;
}

/** Query parameters that the Functions runtime reads: the function key and the name of the key. */
const runtimeParameters = ['code', 'clientid'];

const ofSweepBody = (json: string) =>
  `belongs in the body of POST /api/sweeps, such as ${json}; this request did nothing`;
/** Advice for a parameter that another call reads, or that belongs in the body. Keys are in lower case. */
const adviceByName: Record<string, string> = {
  dryrun: ofSweepBody('{"dryRun":true}'),
  hubs: ofSweepBody('{"hubs":["contoso"]}'),
  hub: 'is a parameter of GET /api/sweeps only; elsewhere the hub is in the path or in the body',
  continuation: 'is a parameter of GET /api/sweeps only',
};

/** Throws `Problem` 400 if the request has a query parameter or a body that the function does not read. */
export async function checkRequest(request: HttpRequest, { query, body = false }: RequestRules): Promise<void> {
  const known = Object.keys(query?._zod.def.shape ?? {});
  const unknown = parametersOf(request).filter(([name]) => !known.includes(name));
  if (unknown.length > 0) throw badQuery(unknown.map(([name]) => unknownParameter(name, known)));
  if (query) queryOf(request, query);
  if (body || !(await hasBody(request))) return;
  throw new Problem(
    400,
    'unexpected-body',
    'The request has a body',
    'This call reads no body, so it did nothing. What it does is in its path and in the settings; only POST /api/sweeps and PUT /api/policy read a body.',
  );
}

/** Returns the query parameters, checked with `schema`. Throws `Problem` 400. */
export function queryOf<Schema extends QuerySchema>(request: HttpRequest, schema: Schema): z.output<Schema> {
  const parsed = z.safeParse(schema, Object.fromEntries(parametersOf(request)));
  if (parsed.success) return parsed.data;
  throw badQuery(parsed.error.issues.map(({ path, message }) => ({ field: String(path[0] ?? 'query'), message })));
}

/** All query parameters except those of the Functions runtime. */
function parametersOf(request: HttpRequest): [name: string, value: string][] {
  // The values of a repeated parameter arrive as one text with commas (measured, host 4.1037).
  return [...new Map(request.query)].filter(([name]) => !runtimeParameters.includes(name.toLowerCase()));
}

function badQuery(errors: ProblemError[]): Problem {
  return new Problem(400, 'bad-query', 'The query is invalid', 'See errors.', { errors });
}

function unknownParameter(name: string, known: readonly string[]): ProblemError {
  const field = /^[A-Za-z][\w.-]{0,31}$/.test(name) ? name : '(not shown)'; // a key may have been pasted as a name
  const message =
    adviceByName[name.toLowerCase()] ??
    (known.length === 0 ? 'this call has no parameters; leave it out' : `write one of ${known.join(', ')}`);
  return { field, message };
}

async function hasBody(request: HttpRequest): Promise<boolean> {
  // `@azure/functions` drops the body of a GET; only its length remains.
  if (request.method === 'GET') return Number(request.headers.get('content-length') ?? 0) > 0;
  return (
    Buffer.from(await request.arrayBuffer())
      .toString('utf8')
      .trim() !== ''
  );
}
