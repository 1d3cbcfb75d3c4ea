import type { Clock, Random } from '../../shared/clock.ts';
import type { HubClient } from '../hubClient.ts';

/** Devices that are created in the background. */
export interface Arrivals {
  /** Devices created so far. */
  readonly count: number;
  /** Stops creating devices; rejects if the hub refused one. */
  stop(): Promise<void>;
}

/** Creates devices on a hub one by one, at random intervals (`meanGapMs` on average), until it is stopped. */
export function startArrivals(
  hub: Pick<HubClient, 'createDevice'>,
  { clock, random, meanGapMs }: { clock: Clock; random: Random; meanGapMs: number },
): Arrivals {
  const stopping = new AbortController();
  let count = 0;
  const createDevices = async () => {
    while (!stopping.signal.aborted) {
      await hub.createDevice(`arrival-${count}`);
      count += 1;
      await clock.sleep(random() * 2 * meanGapMs, stopping.signal);
    }
  };
  const ended = createDevices().catch((error: unknown) => {
    if (!stopping.signal.aborted) return { error };
  });
  return {
    get count() {
      return count;
    },
    stop: async () => {
      stopping.abort();
      const failure = await ended;
      if (failure) throw failure.error;
    },
  };
}
