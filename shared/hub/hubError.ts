/**
 * What a hub's refusal means for us. The one decision place is `hubErrorKind` in `readHubFailure.ts`; everything above
 * the gate switches on this word and never sees HTTP or the SDK.
 *
 * - `deviceNotFound`: 404001. On a module twin path also a device that is there but lacks the module.
 * - `moduleNotFound`: 404010.
 * - `moduleExists`: 409, on a create.
 * - `unauthorized`: 401. Under a SAS key also the answer to a module call on a missing or disabled device.
 * - `forbidden`: 403 without a quota: a role or a right is missing.
 * - `identityCap`: 403002 for the number of identities. `dailyQuota`: 403002 for the day's messages.
 * - `tierWithoutModules`: 403010. `tooManyModules`: 413003. `deviceDisabled`: 403012.
 * - `throttled`: the hub refused us (429). `limited`: we held ourselves back.
 * - `unavailable`: 5xx, reset, timeout, truncated answer, failover: the hub's trouble, worth another try.
 * - `invalid`: the hub does not accept what we sent; another try would end the same.
 */
export type HubErrorKind =
  | 'deviceNotFound'
  | 'moduleNotFound'
  | 'moduleExists'
  | 'unauthorized'
  | 'forbidden'
  | 'identityCap'
  | 'dailyQuota'
  | 'tierWithoutModules'
  | 'tooManyModules'
  | 'deviceDisabled'
  | 'throttled'
  | 'limited'
  | 'unavailable'
  | 'invalid';

/** What is known of a failed hub call. Never the SDK's own error: that one holds the request with its token. */
export interface HubFailure {
  kind: HubErrorKind;
  /** HTTP status; undefined where no whole answer came. */
  status?: number;
  /** The hub's own name or number of the error, such as `ThrottlingBacklogTimeout`, or the socket's, such as `ECONNRESET`. */
  code?: string;
  /** What Microsoft's support asks for. */
  trackingId?: string;
}

/** The only error that a `Registry` throws. */
export class HubError extends Error {
  readonly hub: string;
  readonly operation: string;
  readonly kind: HubErrorKind;
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly trackingId: string | undefined;

  constructor(hub: string, operation: string, failure: HubFailure) {
    const parts = [
      failure.status === undefined ? undefined : `HTTP ${failure.status}`,
      failure.code,
      failure.trackingId === undefined ? undefined : `tracking id ${failure.trackingId}`,
    ].filter((part) => part !== undefined);
    super(`${operation} on hub ${hub}: ${failure.kind}${parts.length > 0 ? ` (${parts.join(', ')})` : ''}`);
    this.name = 'HubError';
    this.hub = hub;
    this.operation = operation;
    this.kind = failure.kind;
    this.status = failure.status;
    this.code = failure.code;
    this.trackingId = failure.trackingId;
  }
}

export function isHubError(error: unknown, ...kinds: HubErrorKind[]): error is HubError {
  return error instanceof HubError && (kinds.length === 0 || kinds.includes(error.kind));
}
