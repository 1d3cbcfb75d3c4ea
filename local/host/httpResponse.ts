/** A response for the server to send. */
export interface HttpResponse {
  status: number;
  headers?: Record<string, string | string[]>;
  body?: string | Uint8Array;
}

/** A request whose body is not read yet. */
export interface HttpCall {
  method: string;
  url: URL;
  /** Names in lower case; several values of one name joined by a comma. */
  headers: Record<string, string>;
  /**
   * Reads the body; call it once. Rejects for a body over the host's limit, 100 MB by default
   * (`FUNCTIONS_REQUEST_BODY_SIZE_LIMIT`, the host's documentation).
   */
  readBody(): Promise<Buffer>;
}

export function textResponse(status: number, body: string): HttpResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}

export function jsonResponse(status: number, body: unknown): HttpResponse {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}
