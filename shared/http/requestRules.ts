import type { HttpRequest } from '@azure/functions';
import { Problem, type ProblemError } from './problem.ts';

/** What a function reads of a request beside its path. Anything else is refused, since it would be ignored in silence. */
export interface RequestRules {
  /** Names of query parameters. */
  query?: readonly string[];
  body?: boolean;
}

/** The Functions runtime reads these: the key of the function and its name. */
const runtimeParameters = ['code', 'clientid'];

const ofSweepBody = (json: string) =>
  `belongs into the body of POST /api/sweeps, such as ${json}; this request did nothing`;
/** Where a parameter belongs that another call reads, or reads in another place. */
const homes: Record<string, string> = {
  dryrun: ofSweepBody('{"dryRun":true}'),
  hubs: ofSweepBody('{"hubs":["contoso"]}'),
  hub: 'is a parameter of GET /api/sweeps only; elsewhere the hub is in the path or in the body',
  continuation: 'is a parameter of GET /api/sweeps only',
};

/** Throws `Problem` 400 if the request has a query parameter or a body that the function does not read. */
export async function checkRequest(request: HttpRequest, { query = [], body = false }: RequestRules): Promise<void> {
  const unknown = [...new Set(request.query.keys())].filter(
    (name) => !query.includes(name) && !runtimeParameters.includes(name.toLowerCase()),
  );
  if (unknown.length > 0) {
    const errors = unknown.map((name) => unknownParameter(name, query));
    throw new Problem(400, 'bad-query', 'The query is invalid', 'See errors.', { errors });
  }
  if (body || !(await hasBody(request))) return;
  throw new Problem(
    400,
    'unexpected-body',
    'The request has a body',
    'This call reads no body, so it did nothing. What it does is in its path and in the settings; only POST /api/sweeps and PUT /api/policy read a body.',
  );
}

function unknownParameter(name: string, known: readonly string[]): ProblemError {
  const field = /^[A-Za-z][\w.-]{0,31}$/.test(name) ? name : '(not shown)'; // a key may have been pasted as a name
  const message =
    homes[name.toLowerCase()] ??
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
