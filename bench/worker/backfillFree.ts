import type { Figure } from '../benchmark.ts';
import { type BackfillRun, keeperBackfill, loopBackfill } from './backfillRun.ts';
import { bareFleet, type FleetOptions, hubLatency } from './fleetOptions.ts';
import { bareBulkLoop } from './peerLoops.ts';
import { unlimitedHub } from './unlimitedHub.ts';

/** The goal in docs/benchmarks.md. */
const minShare = 0.9;

/** The largest number of concurrent calls of the app. */
const maxConcurrency = 16;

/** A bulk call of 100 took about 0.9 s on a live S1 hub (Azure-Samples/Iot-Telemetry-Simulator#39: 200 in 1.8 s). */
const bulkLatency = { operation: 'bulk', kind: 'latency', delayMs: 900 };

/** The latency of a live hub. The rule for all operations adds about a sixth to that of a bulk call. */
const likeHub = [bulkLatency, ...hubLatency];

/** Backfill without throttling, compared with the bare loop: on a hub with the latency of a live one, and without latency. */
export async function freeFigures(say: (line: string) => void): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [how, latency, devices] of [
    ['latency as on a hub', likeHub, 20_000],
    ['no latency', [], 200_000],
  ] as const) {
    const fleet: FleetOptions = { ...bareFleet, throttling: false, devices, latency };
    const keeper = await keeperBackfill(fleet, unlimitedHub);
    say(`    keeper, ${how}: ${perSecond(keeper)} modules/s, ${keeper.lost} lost`);
    for (const concurrency of [1, maxConcurrency]) {
      const bare = await loopBackfill(fleet, bareBulkLoop, { concurrency, maxMinutes: 0.5 });
      say(`    bare bulk loop with concurrency ${concurrency}, ${how}: ${perSecond(bare)} modules/s`);
      figures.push({
        what: `share of a bare bulk loop with concurrency ${concurrency}, ${how}`,
        value: keeper.modulesPerMinute / bare.modulesPerMinute,
        unit: 'of it',
        goal: { atLeast: minShare },
      });
    }
  }
  return figures;
}

const perSecond = (run: BackfillRun): string => (run.modulesPerMinute / 60).toFixed(0);
