import { type Check, failureOfCode } from '../../shared/transportFailure.ts';
import { CliError } from '../cliError.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Access } from './access.ts';

/** The time limit of a request; the app takes less for every request (`startSweep`: up to 200 s). */
const answerLimitMs = 230_000;

/** The statuses after which a later try may succeed: throttling, or an outage of the app, its storage or a hub. */
const mayPass: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** The time between two tries if the answer does not name it. */
const defaultRetryMs = 2_000;

/** `header`: of `Retry-After`, in seconds. */
function retryMs(header: string | null): number {
  const seconds = Number(header ?? '');
  return seconds > 0 ? seconds * 1000 : defaultRetryMs;
}

/** What the app answered. */
interface ApiAnswer {
  text: string;
  contentType: string;
}

/** The HTTP API of the app. Every method rejects with `CliError` only. */
export interface KeeperApi {
  /** The answer of a call that must succeed. `accept`: the wanted media type. */
  call(method: string, path: string, options?: { body?: unknown; accept?: string }): Promise<ApiAnswer>;
  json<T>(method: string, path: string, body?: unknown): Promise<T>;
}

/** The app refused the request; `type` is that of its problem, such as `unknown-device`. */
export class Refusal extends CliError {
  readonly type: string;

  constructor(message: string, status: number, type: string, retryAfterMs: number | undefined) {
    super(message, status >= 500 || status === 429 ? exitCodes.unreachable : exitCodes.no, retryAfterMs);
    this.name = 'Refusal';
    this.type = type;
  }
}

/** The app has no such route: it is older than this command, or it is no Module keeper. */
export class NoSuchRoute extends CliError {
  constructor(method: string, path: string) {
    super(
      `The address of KEEPER_URL has no ${method} ${path}. Check the address. If it is right, the app is older than this command: update the app.`,
      exitCodes.unreachable,
    );
    this.name = 'NoSuchRoute';
  }
}

/** Calls the app with its key in the header `x-functions-key`. */
export function keeperApi({ url, key }: Access): KeeperApi {
  async function call(
    method: string,
    path: string,
    { body, accept = 'application/json' }: { body?: unknown; accept?: string } = {},
  ): Promise<ApiAnswer> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(url + path, {
        method,
        headers: {
          accept: `${accept}, application/problem+json`,
          ...(key === undefined ? {} : { 'x-functions-key': key }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: 'manual', // the key is not for another address
        signal: AbortSignal.timeout(answerLimitMs),
      });
      text = await response.text();
    } catch (error) {
      throw new CliError(`The app cannot be reached: ${whyNot(error)}.`, exitCodes.unreachable, defaultRetryMs);
    }
    const { status, headers } = response;
    const contentType = headers.get('content-type') ?? '';
    if (response.ok) return { text, contentType };
    const retryAfterMs = mayPass.has(status) ? retryMs(headers.get('retry-after')) : undefined;
    if (contentType.startsWith('application/problem+json')) throw refusal(status, text, retryAfterMs);
    throw statusError(method, path, status, key !== undefined, retryAfterMs);
  }

  return {
    call,
    json: async <T>(method: string, path: string, body?: unknown) => {
      const { text, contentType } = await call(method, path, body === undefined ? {} : { body });
      if (contentType.startsWith('application/json')) return parsed(text) as T;
      throw new CliError('The answer is no JSON: KEEPER_URL is the address of another program.', exitCodes.unreachable);
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new CliError('The answer is broken JSON. Try again.', exitCodes.unreachable);
  }
}

/** From problem details: their `detail`, and each field that is wrong. */
function refusal(status: number, text: string, retryAfterMs: number | undefined): CliError {
  const { type, title, detail, errors } = (parsed(text) ?? {}) as Record<string, unknown>;
  const fields = Array.isArray(errors) ? errors.map(({ field, message }) => `  ${field}: ${message}`) : [];
  const sentence = fields.length > 0 && detail === 'See errors.' ? `${title}:` : `${title}. ${detail}`;
  const kind = String(type).replace(/^urn:module-keeper:/, '');
  const next = kind === 'unknown-hub' ? ['keeper hubs lists the hubs of the app.'] : [];
  return new Refusal([sentence, ...fields, ...next].join('\n'), status, kind, retryAfterMs);
}

/** For an answer of the Functions host, or of a proxy before it, without problem details. */
function statusError(
  method: string,
  path: string,
  status: number,
  hasKey: boolean,
  retryAfterMs: number | undefined,
): CliError {
  if (status === 404) return new NoSuchRoute(method, path.split('?')[0] ?? '');
  const unreachable = (message: string) => new CliError(message, exitCodes.unreachable, retryAfterMs);
  if (status === 401 || status === 403) {
    return unreachable(
      hasKey
        ? `The app refuses the key of KEEPER_KEY (HTTP ${status}): it needs a host key, or the function key of this call.`
        : 'The app needs a key: write a host key of the function app into KEEPER_KEY.',
    );
  }
  if (status >= 300 && status < 400) {
    return unreachable(
      `The app redirects to another address (HTTP ${status}): write its final https:// address into KEEPER_URL.`,
    );
  }
  return unreachable(`The app answered HTTP ${status}. Try again; if it lasts, look at the log of the app.`);
}

/** Never the error's message, which may quote the address. */
function whyNot(error: unknown): string {
  const isRunning = 'Check KEEPER_URL, and that the app runs';
  if (error instanceof Error && error.name === 'TimeoutError')
    return `no answer in ${answerLimitMs / 1000} s. ${isRunning}`;
  const { code } = ((error as Error | undefined)?.cause ?? {}) as { code?: unknown };
  if (typeof code !== 'string') return `no connection. ${isRunning}`;
  const check = failureOfCode(code)?.check;
  return `${code}. ${(check && advice[check]) ?? isRunning}`;
}

/** What to check, where the code of a failure tells it. */
const advice: Partial<Record<Check, string>> = {
  hostName: 'No host has the name that is in KEEPER_URL: check its spelling, and the DNS of this machine',
  certificate:
    "The certificate of this address is not trusted: check KEEPER_URL, or name the authority's file in NODE_EXTRA_CA_CERTS",
  clock: 'The certificate of this address is not valid at this time: check the clock of this machine',
  proxy:
    'The server at this address uses another protocol: check whether KEEPER_URL must begin with https:// or http://, and its port',
};
