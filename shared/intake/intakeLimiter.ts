import type { Clock } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';
import { type Claim, claimOperations } from '../run/claimOperations.ts';
import type { Documents } from '../storage/documents.ts';

/** How many devices of one hub a process serves outside the worker at the same time. */
const maxConcurrency = 5;
/** After this time a slot may be free again: a try takes a few tenths of a second, at most 5 s (`tryNow`). */
export const slotRetryMs = 1_000;

/** Limits the calls of one process to one hub outside the hub's worker: events and HTTP calls that are served at once. */
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

  /** Calls `claimOperations` for one caller at a time, so that claims of one process do not conflict. */
  claim(cost: number): Promise<Claim> {
    const claim = this.lastClaim.then(() => claimOperations(this.deps, this.hub, cost));
    this.lastClaim = claim.catch(() => undefined); // an error concerns only its own caller
    return claim;
  }
}
