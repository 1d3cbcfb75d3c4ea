import type { Clock } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';
import { type Claim, claimOperations } from '../run/claimOperations.ts';
import type { Documents } from '../storage/documents.ts';

/** How many devices of one hub a process reconciles outside the worker at the same time. */
const maxConcurrency = 5;
/** When to try again if no slot is free: a try usually takes some tenths of a second, and at most 5 s (`tryNow`). */
export const slotRetryMs = 1_000;

/** Limits the calls to one hub that this process sends outside the hub's worker, for events and HTTP requests. */
export class IntakeLimiter {
  private readonly hub: HubConfig;
  private readonly deps: { documents: Documents; clock: Clock };
  private slotsInUse = 0;
  private lastClaim: Promise<unknown> = Promise.resolve();

  constructor(hub: HubConfig, deps: { documents: Documents; clock: Clock }) {
    this.hub = hub;
    this.deps = deps;
  }

  /** Takes one of five slots; undefined if none is free. The caller must release it. */
  enter(): { release(): void } | undefined {
    if (this.slotsInUse >= maxConcurrency) return undefined;
    this.slotsInUse += 1;
    let released = false;
    return {
      release: () => {
        if (!released) this.slotsInUse -= 1;
        released = true;
      },
    };
  }

  /** Calls `claimOperations` for one caller at a time, so that claims of one process do not conflict. Throws its errors. */
  claim(cost: number): Promise<Claim> {
    const claim = this.lastClaim.then(() => claimOperations(this.deps, this.hub, cost));
    this.lastClaim = claim.catch(() => undefined); // only the caller of this claim gets the error
    return claim;
  }
}
