/** What the server writes back. */
export interface HttpResponse {
  status: number;
  headers?: Record<string, string | string[]>;
  body?: string | Uint8Array;
}

/** A request, its body not read yet. */
export interface HttpCall {
  method: string;
  url: URL;
  /** Names in lower case; several values of one name joined by a comma. */
  headers: Record<string, string>;
  /** Reads the body once. @throws BodyTooLargeError */
  readBody(): Promise<Buffer>;
}

/** The body is longer than the host takes: 100 MB (`FUNCTIONS_REQUEST_BODY_SIZE_LIMIT`, the host's documentation). */
export class BodyTooLargeError extends Error {
  override name = 'BodyTooLargeError';
}

export function textResponse(status: number, body: string): HttpResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}

export function jsonResponse(status: number, body: unknown): HttpResponse {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}
