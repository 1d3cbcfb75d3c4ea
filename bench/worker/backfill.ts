import type { Benchmark, Figure } from '../benchmark.ts';
import { freeFigures } from './backfillFree.ts';
import { type BackfillRun, keeperBackfill, loopBackfill } from './backfillRun.ts';
import { benchSize } from './benchSize.ts';
import { bareFleet, type FleetOptions, hubLatency } from './fleetOptions.ts';
import { bareBulkLoop, sdkLoop } from './peerLoops.ts';
import { hubConfig } from './withFleetHub.ts';

// The goals in docs/benchmarks.md.
const minShare = 0.97;
const minMixedShare = 0.95;
const maxThrottledShare = 0.05;

/** Five slices of the worker. */
const minutes = 20;
/** The factor by which the settings of one run exceed the size of the hub. */
const tooLarge = 4;

const mix = '5 % disabled, 1 % ghosts';
/** Divisor of the time scale: each ghost causes about a hundred reads by id, and with the full time scale this machine is the limit. */
const moreRequests = 3;

/** Both tiers with throttling; the time scale is larger where fewer calls are granted. */
const sizes = [
  { tier: 'S1', timeScale: 120, grantedPerMinute: 50 },
  { tier: 'S3', timeScale: 60, grantedPerMinute: 2_500 },
] as const;

/** A sweep of a hub without modules, compared with the scripts that people use. */
export const backfillBenchmark: Benchmark = {
  name: 'backfill',
  summary: 'a hub without modules is filled at the granted rate, compared with SDK loops and a bare bulk loop',
  run: async (say) => {
    const hubMinutes = minutes * benchSize(process.env.BENCH_SIZE);
    const figures: Figure[] = [];
    for (const { tier, timeScale, grantedPerMinute } of sizes) {
      const devices = Math.round(grantedPerMinute * hubMinutes);
      const fleet: FleetOptions = { ...bareFleet, tier, timeScale, devices, latency: hubLatency };
      const toShare = (run: BackfillRun) => run.modulesPerMinute / grantedPerMinute;
      say(`  ${tier} of 1 unit, ${devices} devices, time ${timeScale} times as fast`);
      const peers: { what: string; run: BackfillRun }[] = [];
      for (const [what, loop, concurrency] of [
        ['SDK loop, one by one', sdkLoop, 1],
        ['SDK loop, ten at once', sdkLoop, 10],
        ['bare bulk loop', bareBulkLoop, 1],
      ] as const) {
        // More devices than the limit of the hub allows in that time, so that every loop has enough of them.
        const larger = { ...fleet, devices: devices * 4 };
        const run = await loopBackfill(larger, loop, { concurrency, maxMinutes: hubMinutes / 2 });
        peers.push({ what, run });
        say(`    ${what}: ${describe(run)}`);
      }
      const granted = `share of the granted ${grantedPerMinute}/min, ${tier}`;
      const keeper = await keeperBackfill(fleet);
      say(`    keeper: ${describe(keeper)}`);
      for (const { what, run } of peers) {
        const peer = { what, value: toShare(run) };
        figures.push({ what: granted, value: toShare(keeper), unit: 'of it', goal: { atLeast: minShare }, peer });
        const lost = { what, value: run.lost };
        figures.push({ what: `lost, ${tier}`, value: keeper.lost, unit: 'devices', goal: { atMost: 0 }, peer: lost });
        const refused = { what, value: run.throttled };
        figures.push({
          what: `429 responses, ${tier}`,
          value: keeper.throttled,
          unit: 'requests',
          goal: { atMost: 0 },
          peer: refused,
        });
      }
      const mixed = await keeperBackfill({ ...fleet, mixed: true, timeScale: timeScale / moreRequests });
      say(`    keeper, ${mix}: ${describe(mixed)}`);
      const goal = { atLeast: minMixedShare };
      figures.push({ what: `${granted}, ${mix}`, value: toShare(mixed), unit: 'of it', goal });
      const none = { atMost: 0 };
      figures.push({ what: `429 responses, ${tier}, ${mix}`, value: mixed.throttled, unit: 'requests', goal: none });
      figures.push({ what: `lost, ${tier}, ${mix}`, value: mixed.lost, unit: 'devices', goal: none });

      const misled = await keeperBackfill(fleet, (text) => hubConfig(text, tier, tooLarge));
      say(`    keeper, settings of a hub ${tooLarge} times as large: ${describe(misled)}`);
      const misleading = `${tier} with settings of a hub ${tooLarge} times as large`;
      const share = misled.throttled / misled.requests;
      const most = { atMost: maxThrottledShare };
      figures.push({ what: `429 responses, ${misleading}`, value: share, unit: 'of all requests', goal: most });
      figures.push({ what: `lost, ${misleading}`, value: misled.lost, unit: 'devices', goal: none });
    }
    say('  no throttle, real time');
    return [...figures, ...(await freeFigures(say))];
  },
};

const describe = ({ modulesPerMinute, throttled, requests, lost }: BackfillRun): string =>
  `${modulesPerMinute.toFixed(1)} modules/min, ${throttled} of ${requests} requests throttled, ${lost} devices lost`;
