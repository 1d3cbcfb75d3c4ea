/** The response of the ingestion endpoint to one request, or the error. */
export interface IngestionResponse {
  /** The HTTP status; undefined if no response was received. */
  status?: number;
  /** The body of a 206 response, which accepts some of the items; undefined for other responses. */
  body?: string;
  retryAfterMs?: number;
  /** The code or name of the error if no response was received. */
  error?: string;
}

/** The statuses that are worth a retry; from `breezeUtils` of @azure/monitor-opentelemetry-exporter 1.0.0-beta.47. */
const retriable = new Set([401, 403, 408, 429, 439, 500, 502, 503, 504]);

/** Returns the `sent` items that the endpoint may accept later, the number of items that it never will, and the reason. */
export function readResponse<Item>(sent: readonly Item[], { status, body, error }: IngestionResponse) {
  if (status === 206) {
    // `errors` has the index of each item that was not accepted.
    const { errors = [] } = JSON.parse(body ?? '{}') as { errors?: { index: number; statusCode: number }[] };
    const again = errors.flatMap((one) => (retriable.has(one.statusCode) ? (sent[one.index] ?? []) : []));
    return { again, refused: errors.length - again.length, why: `HTTP 206 with ${errors[0]?.statusCode}` };
  }
  const why = status === undefined ? (error ?? 'no response') : `HTTP ${status}`;
  if (status === 200) return { again: [], refused: 0, why };
  if (status === undefined || retriable.has(status)) return { again: sent, refused: 0, why };
  return { again: [], refused: sent.length, why };
}
