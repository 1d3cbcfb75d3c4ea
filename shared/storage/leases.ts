/** The lease has expired, and another process may hold it: stop all writes. */
export class LeaseLostError extends Error {
  constructor(hub: string) {
    super(`The lease of hub ${hub} was lost.`);
    this.name = 'LeaseLostError';
  }
}

/** The right to be the worker of one hub, held by this process. */
export interface HubLease {
  /** Throws `LeaseLostError` if the lease was lost; after any other error it is not known whether the lease was renewed. */
  renew(signal?: AbortSignal): Promise<void>;
  /** No error if the lease was lost. */
  release(): Promise<void>;
}

/** One lease for each hub. */
export interface Leases {
  /** A lease expires after this time if it is not renewed. */
  readonly durationMs: number;
  /** Returns undefined if the lease is held already. */
  tryAcquire(hub: string): Promise<HubLease | undefined>;
  /** Whether this or another process holds the lease. */
  isHeld(hub: string): Promise<boolean>;
}
