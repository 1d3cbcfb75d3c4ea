/** What goes back over the wire. `body` is JSON; undefined means none. */
export interface HubResponse {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
  /** `body` as text, where somebody had to know its size already. */
  text?: string;
}
