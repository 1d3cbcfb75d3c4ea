/** Another process took the lease, or it ran out; whoever held it must not write any more. */
export class LeaseLostError extends Error {
  constructor(hub: string) {
    super(`The lease of hub ${hub} was lost.`);
    this.name = 'LeaseLostError';
  }
}

/** The right to be one hub's worker. */
export interface HubLease {
  /** Throws `LeaseLostError`; any other error leaves open whether it was renewed. */
  renew(signal?: AbortSignal): Promise<void>;
  /** No error if it was lost. */
  release(): Promise<void>;
}

export interface Leases {
  /** How long a lease lasts that nobody renews. */
  readonly durationMs: number;
  /** Undefined if somebody else holds it. */
  tryAcquire(hub: string): Promise<HubLease | undefined>;
  isHeld(hub: string): Promise<boolean>;
}
