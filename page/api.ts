import { parsedJson } from '../shared/parsedJson.ts';

/** A request failed; the members say what the app answered. */
export class ApiError extends Error {
  /** 0 if no response came. */
  readonly status: number;
  /** The texts of the errors, each of which says what to change. */
  readonly details: readonly string[];
  readonly retryAfterMs: number;
  /** The last part of the problem's type, such as `unknown-device`; undefined for a response that is not from the app. */
  readonly type: string | undefined;

  constructor(status: number, title: string, details: readonly string[], retryAfterMs = 0, type?: string) {
    super(title);
    this.status = status;
    this.details = details;
    this.retryAfterMs = retryAfterMs;
    this.type = type;
  }
}

/** The HTTP API of the app that has served the page. The key goes into a header, never into an address. */
export class Api {
  readonly #base: string;
  readonly #key: () => string;

  /** `base`: the address of the API, without a slash at its end. */
  constructor(base: string, key: () => string) {
    this.#base = base;
    this.#key = key;
  }

  /** The JSON of a response. Throws `ApiError`. */
  async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const value = parsedJson(await this.#send(method, path, 'application/json', body));
    if (value === undefined) throw new ApiError(200, 'The answer is not one of the app.', [notOfApp]);
    return value as T;
  }

  /** The objects of an NDJSON response. Throws `ApiError`. */
  async lines(path: string): Promise<Record<string, unknown>[]> {
    const texts = (await this.#send('GET', path, 'application/x-ndjson')).split('\n').filter((line) => line !== '');
    return texts.map((text) => {
      const line = parsedJson(text);
      if (typeof line !== 'object' || line === null)
        throw new ApiError(200, 'The answer is not one of the app.', [notOfApp]);
      return line as Record<string, unknown>;
    });
  }

  /** The text of a response as CSV. Throws `ApiError`. */
  async csv(path: string): Promise<string> {
    return this.#send('GET', path, 'text/csv');
  }

  async #send(method: string, path: string, accept: string, body?: unknown): Promise<string> {
    const headers: Record<string, string> = { accept, 'x-functions-key': this.#key() };
    if (body !== undefined) headers['content-type'] = 'application/json';
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.#base + path, {
        ...{ method, headers, cache: 'no-store', referrerPolicy: 'no-referrer', redirect: 'error' },
        signal: AbortSignal.timeout(230_000),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      text = await response.text();
    } catch (error) {
      const why = error instanceof DOMException && error.name === 'TimeoutError' ? 'It did not answer in time.' : '';
      throw new ApiError(0, 'The app cannot be reached.', [
        `${why} Check the network, and whether the app runs.`.trim(),
      ]);
    }
    if (!response.ok) throw errorOf(response, text);
    return text;
  }
}

const notOfApp = 'Something on the way may have answered, such as a proxy. Check the address of this page.';

function errorOf({ status, headers }: Response, text: string): ApiError {
  const retryAfterMs = Number(headers.get('retry-after') ?? 0) * 1000 || 0;
  if (status === 401)
    return new ApiError(401, 'The key is not valid for this app.', ['Enter another key of this app.']);
  const problem = problemOf(text);
  if (!problem) return new ApiError(status, `The app has answered HTTP ${status}.`, [], retryAfterMs);
  const again = retryAfterMs > 0 ? [`Try again in ${retryAfterMs / 1000} s.`] : [];
  const errors = problem.errors.map(({ field, message }) => `${field}: ${message}`);
  return new ApiError(status, problem.title, [problem.detail, ...errors, ...again], retryAfterMs, problem.type);
}

/** Problem details (RFC 9457); undefined for anything else, such as a page of a proxy. */
function problemOf(text: string) {
  const { title, detail, errors, type } = Object(parsedJson(text)) as Record<string, unknown>;
  if (typeof title !== 'string') return undefined;
  const list = Array.isArray(errors) ? (errors as { field: string; message: string }[]) : [];
  return { title, detail: typeof detail === 'string' ? detail : '', errors: list, type: typeNameOf(type) };
}

function typeNameOf(type: unknown): string | undefined {
  return typeof type === 'string' ? type.split(/[/#:]/).at(-1) : undefined;
}
