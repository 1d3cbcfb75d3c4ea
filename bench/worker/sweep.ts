import { moduleQueries } from '../../shared/hub/twinQueries.ts';
import { defaultSpec } from '../../shared/policy/moduleSpec.ts';
import { columnsOf } from '../../shared/reconcile/wantedTwin.ts';
import type { Benchmark, Figure } from '../benchmark.ts';
import { deviceIdAt } from '../emulator/bulkLoad.ts';
import { benchSize } from './benchSize.ts';
import { moduleId } from './fleetOptions.ts';
import { type SweepRun, sweepRun } from './sweepRun.ts';

/** The goal in docs/benchmarks.md. */
const maxBytes = 150 * 1024 ** 2;
/**
 * About the most devices on which a run starts if each has one module: half of what the cap of a million identities leaves without
 * the reserved headroom.
 */
const devices = 494_000;
const fewerDevices = 50_000;
/** This number of sweeps of the smaller hub makes as many calls as one sweep of the larger hub. */
const sweepsForSameCalls = 10;
/** The most by which memory may grow with the hub: two runs of the same size differ by up to this factor. */
const maxGrowth = 1.1;

/** The preflight counts the modules once. */
const preflightQueries = 1;

/** A sweep that finds all modules present, as most nightly sweeps do. */
export const sweepBenchmark: Benchmark = {
  name: 'sweep',
  summary: 'a sweep of 494,000 devices that all have the module: queries, message quota, memory',
  run: async (say) => {
    const size = benchSize(process.env.BENCH_SIZE);
    const figures: Figure[] = [];
    for (const maxPageRows of [1000, 100]) {
      const few = await sweepRun(Math.round(fewerDevices * size), maxPageRows);
      say(`  ${describe(few)}, pages of ${maxPageRows}`);
      const many = await sweepRun(Math.round(devices * size), maxPageRows);
      say(`  ${describe(many)}, pages of ${maxPageRows}`);
      // The memory of a process also grows with the number of its calls, until the garbage collector has adapted.
      const often = await sweepRun(Math.round(fewerDevices * size), maxPageRows, { sweeps: sweepsForSameCalls });
      say(`  ${describe(often)}, pages of ${maxPageRows}, ${sweepsForSameCalls} sweeps`);
      figures.push(...figuresOf(few, many, maxPageRows), {
        what: `that compared with ${sweepsForSameCalls} sweeps of the smaller hub, pages of ${maxPageRows}`,
        value: many.peakBytes / often.peakBytes,
        unit: 'times',
      });
    }
    return figures;
  },
};

function figuresOf(few: SweepRun, many: SweepRun, rows: number): Figure[] {
  const of = `${many.devices.toLocaleString('en')} devices, pages of ${rows}`;
  const needed = neededQueries(many.devices, rows);
  const queries = many.counters.operationsByClass.query;
  const mebibyte = 1024 ** 2;
  return [
    {
      what: `queries, ${of}`,
      value: queries,
      unit: 'queries',
      goal: { atMost: needed.pages + needed.modules + preflightQueries },
    },
    { what: `needed queries for device pages, ${of}`, value: needed.pages, unit: 'queries' },
    { what: `needed queries for modules, ${of}`, value: needed.modules, unit: 'queries' },
    { what: `messages of the daily quota, ${of}`, value: many.counters.messagesUsed, unit: '' },
    {
      what: `share of the daily quota of an S1 with one unit, ${of}`,
      value: many.counters.messagesUsed / 400_000,
      unit: '',
    },
    { what: `seconds on this machine, ${of}`, value: many.tookMs / 1000, unit: 's' },
    {
      what: `peak memory of the worker, ${of}`,
      value: many.peakBytes / mebibyte,
      unit: 'MiB',
      goal: { atMost: maxBytes / mebibyte },
      peer: { what: `${few.devices.toLocaleString('en')} devices`, value: few.peakBytes / mebibyte },
    },
    {
      what: `that compared with the smaller hub, pages of ${rows}`,
      value: many.peakBytes / few.peakBytes,
      unit: 'times',
      goal: { atMost: maxGrowth },
    },
    { what: `429s, ${of}`, value: many.counters.throttled, unit: '', goal: { atMost: 0 } },
  ];
}

/** Returns the smallest number of queries: full pages, and the module queries of each, limited to 8,192 characters. */
function neededQueries(count: number, rows: number): { pages: number; modules: number } {
  const pages = Math.ceil(count / rows);
  const idsOfPage = Array.from({ length: Math.min(rows, count) }, (_, index) => deviceIdAt(index));
  return { pages, modules: pages * moduleQueries(idsOfPage, [moduleId], columnsOf([defaultSpec(moduleId)])).length };
}

const describe = ({ devices: count, tookMs, tookHubMs, peakBytes }: SweepRun): string =>
  `${count} devices in ${(tookMs / 1000).toFixed(1)} s (${(tookHubMs / 60_000).toFixed(1)} min of the hub's time), peak ${Math.round(peakBytes / 1024 ** 2)} MiB`;
