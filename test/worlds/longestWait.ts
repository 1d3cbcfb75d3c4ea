import { setBackMs } from './anyWorld.ts';
import type { LiveWorld } from './liveWorld.ts';
import type { WorldHub } from './worldHub.ts';

const secondMs = 1_000;
const minuteMs = 60_000;

/** After its deadline a slice takes no device: three calls of 3 s may be under way. */
const sliceEndMs = 10 * secondMs;
/** A wake-up is visible at the end of its second, and the host asks an empty queue every 2 s. */
const fetchMs = 4 * secondMs;
/** A device takes a read and a create, of 3 s each; after a lost response they are sent again. */
const callsMs = 20 * secondMs;
/** A hub's creates where the run keeps its quarter: 50 a minute on an S1. */
const priceMs = (minuteMs / 50) * (4 / 3);

/** An invocation that failed is started again after a minute. */
const redeliveredMs = minuteMs;
/** What no wake-up was sent for, the watch finds. */
const watchEveryMs = 5 * minuteMs;
/** The lease of a dead worker, and its guard. */
const takeoverMs = 62 * secondMs;

/**
 * The longest that a new device of a healthy hub may wait for its module, whatever the other hubs do: from `fromMs`, when an
 * instance received its event that acknowledged it, to `toMs`, when the device had the module. It is the sum of
 *
 * - the turns of its hub's worker: the slice that runs may be at its end, and the device then waits for the next one. A turn begins at
 *   once if the other hubs leave a place. If they may take all, every wake-up before it in the line may be a whole slice, and
 *   these run one after the other at worst;
 * - the budget: at worst the run has spent the whole of the last minute, and all new devices of the hub go first;
 * - the calls about it;
 * - each instance that ended meanwhile: until there is one again, until its lease has run out (what it had taken is shown before);
 * - each outage of storage meanwhile: its length, and until somebody is woken;
 * - what the system clock was set back by: the pauses that are stored for other processes end by it.
 */
export function longestWaitMs({ draw, observer }: LiveWorld, hub: WorldHub, fromMs: number, toMs: number): number {
  const sliceMs = draw.sliceMs + sliceEndMs;
  const hasPlace = draw.hubs.length - 1 <= draw.rule.newBatchThreshold;
  const turnMs = fetchMs + (hasPlace ? 0 : observer.longestLine(fromMs, toMs) * sliceMs);
  const budgetMs = minuteMs + hub.newcomers.length * 2 * priceMs;
  const endings = draw.disturbances
    .filter(({ atMs, backAfterMs }) => atMs < toMs && atMs + backAfterMs + takeoverMs > fromMs)
    .map(({ backAfterMs }) => backAfterMs + takeoverMs + turnMs);
  const outages = draw.outages
    .filter((outage) => outage.fromMs < toMs && outage.fromMs + outage.forMs + redeliveredMs > fromMs)
    .map(({ forMs }) => forMs + redeliveredMs + watchEveryMs + turnMs);
  const restart = draw.policyChangedAtMs === undefined ? 0 : turnMs;
  const extraMs = [...endings, ...outages].reduce((sum, ms) => sum + ms, restart + setBackMs(draw.clockSteps));
  return sliceEndMs + 2 * turnMs + budgetMs + callsMs + extraMs;
}
