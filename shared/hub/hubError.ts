/**
 * Why a call to a hub failed. Decided only by `hubErrorKind` in `readHubFailure.ts`; code outside this folder uses the kind and
 * never reads SDK errors or decides by HTTP statuses.
 *
 * - `deviceNotFound`: 404001. In response to a call about a module twin also if the device exists but lacks the module.
 * - `moduleNotFound`: 404010.
 * - `moduleExists`: 409, on a create.
 * - `etagMismatch`: 412: the identity or the twin has changed since it was read.
 * - `unauthorized`: 401. Under a SAS key also the response to a module call on a missing or disabled device.
 * - `forbidden`: any other 403: a role or a permission is missing.
 * - `identityCap`: 403002 for the number of identities. `dailyQuota`: 403002 for the day's messages.
 * - `tierWithoutModules`: 403010. `tooManyModules`: 413003. `deviceDisabled`: 403012.
 * - `throttled`: the hub refused the call (429). `limited`: the app's own limit refused it; no call was sent.
 * - `unavailable`: 5xx, reset, timeout, truncated response, redirect, failover: an outage of the hub; a retry may succeed.
 * - `invalid`: the hub does not accept the request; a retry would fail again.
 */
export type HubErrorKind =
  | 'deviceNotFound'
  | 'moduleNotFound'
  | 'moduleExists'
  | 'etagMismatch'
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

/** Codes for a response with a success status whose body is not from a hub, such as a proxy's page. The kind is `unavailable`. */
export const foreignBodyCodes = [
  'NotAPage',
  'NotATwin',
  'NotAModule',
  'NotSuccessful',
  'NotRemoved',
  'NoCount',
] as const;

/**
 * Whether a status is not of a hub but of a proxy or a login page on the way: a redirect, 407, or 511 (RFC 6585). Microsoft's list
 * of the errors of IoT Hub has none of them. The kind is `unavailable`.
 */
export function isForeignStatus(status: number | undefined): boolean {
  return status !== undefined && ((status >= 300 && status < 400) || status === 407 || status === 511);
}

/** What is known about a failed hub call. Never contains the SDK's error, which contains the request with its token. */
export interface HubFailure {
  kind: HubErrorKind;
  /** HTTP status; undefined if there was no complete response. */
  status?: number;
  /** The hub's name or number of the error, such as `ThrottlingBacklogTimeout`; without a response a code such as `ECONNRESET`. */
  code?: string;
  /** The hub's id of the request, which Microsoft support asks for. */
  trackingId?: string;
}

/** The only error that a `Registry` throws. Safe to log: holds no key, token or device data. */
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

/** Whether `error` is a `HubError` of one of these kinds; without kinds, of any kind. */
export function isHubError(error: unknown, ...kinds: HubErrorKind[]): error is HubError {
  return error instanceof HubError && (kinds.length === 0 || kinds.includes(error.kind));
}
