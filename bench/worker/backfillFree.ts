import type { Figure } from '../benchmark.ts';
import { type BackfillRun, keeperBackfill, loopBackfill } from './backfillRun.ts';
import { bareFleet, type FleetOptions, hubLatency } from './fleetOptions.ts';
import { bareBulkLoop } from './peerLoops.ts';
import { unlimitedHub } from './unlimitedHub.ts';

/** The goal of the design, section 7. */
const leastShare = 0.9;

/** As many calls under way as the keeper ever has. */
const tryNow = 16;

/** A bulk call of 100 took about 0.9 s on a live S1 hub (Azure-Samples/Iot-Telemetry-Simulator#39: 200 in 1.8 s). */
const bulkLatency = { operation: 'bulk', kind: 'latency', delayMs: 900 };

/** Queries and reads as on a live hub; what the rule for all adds to a bulk call is a sixth of its own time. */
const likeHub = [bulkLatency, ...hubLatency];

/** Without any throttle: against the bare loop on a hub that takes its time as real ones do, and on one that does not. */
export async function freeFigures(say: (line: string) => void): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [how, latency, devices] of [
    ['latency as on a hub', likeHub, 20_000],
    ['no latency', [], 200_000],
  ] as const) {
    const fleet: FleetOptions = { ...bareFleet, throttling: false, devices, latency };
    const keeper = await keeperBackfill(fleet, unlimitedHub);
    say(`    keeper, ${how}: ${perSecond(keeper)} modules/s, ${keeper.lost} lost`);
    for (const count of [1, tryNow]) {
      const limits = { tryNow: count, maxMinutes: 0.5 };
      const bare = await loopBackfill(fleet, bareBulkLoop, limits);
      say(`    bare bulk loop, ${count} at once, ${how}: ${perSecond(bare)} modules/s`);
      figures.push({
        what: `share of a bare bulk loop, ${count} at once, ${how}`,
        value: keeper.modulesPerMinute / bare.modulesPerMinute,
        unit: 'of it',
        goal: { atLeast: leastShare },
      });
    }
  }
  return figures;
}

const perSecond = (run: BackfillRun): string => (run.modulesPerMinute / 60).toFixed(0);
