import { decodeSegment } from './decodeSegment.ts';
import { type HttpCall, type HttpResponse, jsonResponse, textResponse } from './httpResponse.ts';
import type { FunctionIndex } from './indexFunctions.ts';
import type { RegisteredFunction } from './workerApp.ts';

/** The response of `/admin/host/status`. */
export interface HostStatus {
  id: string;
  /** `Error`: the app did not load. */
  state: 'Running' | 'Error';
  version: string;
  errors: readonly string[];
}

/** Runs a function with an input. Rejects if the function fails, or the trigger or the input does not allow it. */
export type RunManually = (registered: RegisteredFunction, input: string) => Promise<unknown>;

/**
 * The part of the host's `/admin` that people and scripts use (Azure/azure-functions-host, FunctionsController and
 * HostController).
 */
export function adminApi(index: FunctionIndex, status: () => HostStatus, runManually: RunManually) {
  return async (call: HttpCall): Promise<HttpResponse> => {
    const [, , area = '', encodedName = '', ...rest] = call.url.pathname.replace(/\/$/, '').split('/');
    const method = call.method === 'HEAD' ? 'GET' : call.method;
    if (area.toLowerCase() === 'host') {
      if (encodedName === 'ping' && (method === 'GET' || method === 'POST')) return { status: 200 };
      if (encodedName === 'status' && method === 'GET') return jsonResponse(200, status());
    }
    if (area.toLowerCase() === 'functions' && rest.length === 0) {
      if (encodedName === '' && method === 'GET')
        return jsonResponse(
          200,
          [...index.all, ...index.disabled].map((one) => describeIn(index, one)),
        );
      const name = decodeSegment(encodedName);
      const registered = index.all.find(({ metadata }) => metadata.name.toLowerCase() === name.toLowerCase());
      if (registered && method === 'GET') return jsonResponse(200, describeIn(index, registered));
      if (method === 'POST') return run(registered, call);
    }
    return { status: 404 };
  };

  /**
   * Responds with 202 and does not wait for the run. If the run must fail (an HTTP function, an event that is not JSON), only
   * the log says so (measured). The 400 for a body that is not a JSON object is not measured.
   */
  async function run(registered: RegisteredFunction | undefined, call: HttpCall): Promise<HttpResponse> {
    if (!isJson(call.headers['content-type'])) return { status: 415 };
    const request = readRunRequest(await call.readBody());
    if (!request) return textResponse(400, 'The body must be JSON such as {"input": "text"}.');
    if (!registered) return { status: 404 };
    void runManually(registered, request.input);
    return { status: 202 };
  }
}

const isJson = (contentType = ''): boolean => /^application\/json\s*(;|$)/i.test(contentType.trim());

function readRunRequest(body: Buffer): { input: string } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { input = '' } = value as { input?: unknown };
  return { input: typeof input === 'string' ? input : JSON.stringify(input) };
}

function describeIn(index: FunctionIndex, registered: RegisteredFunction) {
  const { metadata } = registered;
  const bindings = Object.entries(metadata.bindings).map(([name, binding]) => ({ ...binding, name }));
  return {
    name: metadata.name,
    language: 'node',
    isDisabled: index.disabled.includes(registered),
    config: { bindings },
  };
}
