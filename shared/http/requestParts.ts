import type { HttpRequest } from '@azure/functions';
import type * as z from 'zod/mini';
import { toDotPath } from 'zod/v4/core';
import type { App, HubServices } from '../app.ts';
import type { HubOutOfService } from '../config/config.ts';
import { isDeviceId } from '../deviceKey.ts';
import { readRun } from '../run/readRuns.ts';
import type { Run } from '../run/run.ts';
import { runIdPattern } from '../run/run.ts';
import { Problem } from './problem.ts';

/** The largest body in bytes. The largest valid body is a list of all hub names, which is smaller. */
const maxBodyBytes = 64 * 1024;

/** Returns the services of the hub with this name, in any case. Throws `Problem` 404, or 503 if it is out of service. */
export function hubOf(app: App, name: string | undefined): HubServices {
  const services = app.hubs.get((name ?? '').toLowerCase());
  if (services) return services;
  const out = app.outOfService.get((name ?? '').toLowerCase());
  if (out) throw hubOutOfService(out);
  throw new Problem(404, 'unknown-hub', 'There is no such hub', 'The settings have no hub with this name.');
}

/** Returns the response for a hub that the app does not serve, with what to change in its settings. */
export function hubOutOfService({ problems }: HubOutOfService): Problem {
  const errors = problems.map(({ setting, message }) => ({ field: setting, message }));
  return new Problem(
    503,
    'hub-out-of-service',
    'The hub is out of service',
    'Its settings have problems; see errors.',
    {
      errors,
    },
  );
}

/** Returns the URL of a request without a slash at its end and without the query, which may contain a key. */
export function addressOf(request: HttpRequest): string {
  const { origin, pathname } = new URL(request.url);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

/** Returns the device id in the path. Throws `Problem` 400 if no device can have this id. */
export function deviceIdOf(request: HttpRequest): string {
  return checkedDeviceId(request.params.deviceId);
}

/** Returns the id if a device can have it. Throws `Problem` 400. */
export function checkedDeviceId(deviceId: unknown): string {
  if (isDeviceId(deviceId)) return deviceId;
  const message =
    "Write 1 to 128 of the characters A-Z a-z 0-9 and - : . + % _ # * ? ! ( ) , = @ ; $ ', percent-encoded in the URL; not `.` or `..` alone.";
  throw new Problem(400, 'bad-device-id', 'The device id is invalid', message, {
    errors: [{ field: 'deviceId', message }],
  });
}

/** Returns the run with the hub name and run id in the path. Throws `Problem` 404. */
export async function runOf(app: App, request: HttpRequest): Promise<Run> {
  return runWithId(app, hubOf(app, request.params.hub).hub.name, request.params.runId);
}

/** Returns a run of a configured hub. Throws `Problem` 404. */
export async function runWithId(
  { documents }: Pick<App, 'documents'>,
  hub: string,
  runId: string | undefined,
): Promise<Run> {
  const run = runId && runIdPattern.test(runId) ? await readRun(documents, hub, runId) : undefined;
  if (run) return run;
  throw new Problem(
    404,
    'unknown-run',
    'There is no such run',
    `Hub ${hub} has no run with this id; runs are kept for 90 days.`,
  );
}

/**
 * Returns the JSON body, checked with `schema`; an empty body counts as `{}`. Every schema must have its own `error` text
 * and quote no value. Throws `Problem` 400, 413 or 415.
 */
export async function bodyOf<T>(request: HttpRequest, schema: z.ZodMiniType<T>): Promise<T> {
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > maxBodyBytes) {
    throw new Problem(413, 'body-too-large', 'The body is too large', `At most ${maxBodyBytes} bytes are accepted.`);
  }
  if (bytes.byteLength > 0) checkContentType(request.headers.get('content-type'));
  const text = Buffer.from(bytes).toString('utf8').trim(); // `trim` removes a byte order mark too
  const parsed = schema.safeParse(text === '' ? {} : parseJson(text));
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({
    field: path.length === 0 ? 'body' : toDotPath(path),
    message,
  }));
  throw new Problem(400, 'bad-body', 'The body is invalid', 'See errors.', { errors });
}

/**
 * The accepted content types: JSON; the one that `curl -d` sends with every body; and the one that `fetch` sends with a text,
 * which the library for Node.js functions also assumes for a request without a content type. A real form or text is refused as
 * invalid JSON.
 */
const contentTypes = ['application/json', 'application/x-www-form-urlencoded', 'text/plain'];

/** Throws `Problem` 415 if the header `Content-Type` of a body names another content type than `contentTypes`. */
export function checkContentType(header: string | null): void {
  const type = header?.split(';')[0]?.trim().toLowerCase();
  if (type === undefined || type === '' || contentTypes.includes(type)) return;
  throw new Problem(
    415,
    'unsupported-media-type',
    'The body has another media type',
    'Send JSON with the content type application/json.',
  );
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    // Zod would drop this key without an error.
    if (typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__')) throw new SyntaxError();
    return value;
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new Problem(400, 'bad-json', 'The body is not JSON', 'Send a JSON object, or no body at all.');
    }
    throw error;
  }
}
