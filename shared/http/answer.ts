import type { HttpResponseInit } from '@azure/functions';

/** What the API answers changes with each checkpoint and names devices, so no cache may keep it. */
export const noStore = { 'cache-control': 'no-store' } as const;

/** A JSON response of type `T` that no cache keeps. */
export function answer<T>(body: T, init: Pick<HttpResponseInit, 'status' | 'headers'> = {}): HttpResponseInit {
  return { ...init, headers: { ...noStore, ...init.headers }, jsonBody: body };
}
