/** What the ingestion endpoint responded to one request. */
export interface IngestionResponse {
  /** Undefined if no response came. */
  status?: number;
  /** Only of a response that accepts a part of the items. */
  body?: string;
  retryAfterMs?: number;
  /** The code or name of the error if no response came. */
  error?: string;
}

/** As in `breezeUtils` of @azure/monitor-opentelemetry-exporter 1.0.0-beta.47. */
const retriable = new Set([401, 403, 408, 429, 439, 500, 502, 503, 504]);

/** Returns which of the `sent` items may be accepted later, and how many never will be. */
export function readResponse<Item>(sent: readonly Item[], { status, body, error }: IngestionResponse) {
  if (status === 206) {
    // The response names the items that are not accepted by their index.
    const { errors = [] } = JSON.parse(body ?? '{}') as { errors?: { index: number; statusCode: number }[] };
    const again = errors.flatMap((one) => (retriable.has(one.statusCode) ? (sent[one.index] ?? []) : []));
    return { again, refused: errors.length - again.length, why: `HTTP 206 with ${errors[0]?.statusCode}` };
  }
  const why = status === undefined ? (error ?? 'no response') : `HTTP ${status}`;
  if (status === 200) return { again: [], refused: 0, why };
  if (status === undefined || retriable.has(status)) return { again: sent, refused: 0, why };
  return { again: [], refused: sent.length, why };
}
