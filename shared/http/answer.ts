import type { HttpResponseInit } from '@azure/functions';

/** For every response with data: it changes with each checkpoint and contains device ids, so no cache may keep it. */
export const noStore = { 'cache-control': 'no-store' } as const;

/** Returns a JSON response with a body of type `T` that no cache may keep. */
export function answer<T>(body: T, init: Pick<HttpResponseInit, 'status' | 'headers'> = {}): HttpResponseInit {
  return { ...init, headers: { ...noStore, ...init.headers }, jsonBody: body };
}
