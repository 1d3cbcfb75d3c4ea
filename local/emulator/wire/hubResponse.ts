/** An HTTP response of the hub. `body` is sent as JSON; undefined means no body. */
export interface HubResponse {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
  /** `body` serialized, if its size was needed before it is sent. */
  text?: string;
}
