import { moduleQueries } from '../../shared/hub/twinQueries.ts';
import type { Benchmark, Figure } from '../benchmark.ts';
import { deviceIdAt } from '../emulator/bulkLoad.ts';
import { benchSize } from './benchSize.ts';
import { moduleId } from './fleetOptions.ts';
import { type SweepRun, sweepRun } from './sweepRun.ts';

/** The goals of the design, section 7. */
const mostBytes = 150 * 1024 ** 2;
/**
 * Of the 500,000 of the goal a hub can hold no more with a module each than this: half of the million identities, less the
 * places that the keeper leaves to the owner. Beyond it a run refuses to begin.
 */
const devices = 494_000;
const fewerDevices = 50_000;
/** So many sweeps of the smaller hub come to as many calls as one of the larger. */
const sweepsAsLong = 10;
/** "The same": within what two runs of one size differ by. */
const mostGrowth = 1.1;

/** One count of the modules, before a run writes anything. */
const preflightQueries = 1;

/** A sweep that finds nothing to do, which is what most nights are. */
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
      // What a process holds grows with what it has done, too, until the collector of its garbage has found its size.
      const often = await sweepRun(Math.round(fewerDevices * size), maxPageRows, sweepsAsLong);
      say(`  ${describe(often)}, pages of ${maxPageRows}, ${sweepsAsLong} sweeps`);
      figures.push(...figuresOf(few, many, maxPageRows), {
        what: `the larger hub's beside ${sweepsAsLong} sweeps of the smaller one, pages of ${maxPageRows}`,
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
    { what: `of which device pages must be, ${of}`, value: needed.pages, unit: 'queries' },
    { what: `and module queries, by the length of their ids, ${of}`, value: needed.modules, unit: 'queries' },
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
      goal: { atMost: mostBytes / mebibyte },
      peer: { what: `${few.devices.toLocaleString('en')} devices`, value: few.peakBytes / mebibyte },
    },
    {
      what: `that beside the peak of the smaller hub, pages of ${rows}`,
      value: many.peakBytes / few.peakBytes,
      unit: 'times',
      goal: { atMost: mostGrowth },
    },
    { what: `429s, ${of}`, value: many.counters.throttled, unit: '', goal: { atMost: 0 } },
  ];
}

/** The fewest queries: full pages, and for each as few as hold its ids within the 8,192 characters of a query. */
function neededQueries(count: number, rows: number): { pages: number; modules: number } {
  const pages = Math.ceil(count / rows);
  const idsOfPage = Array.from({ length: Math.min(rows, count) }, (_, index) => deviceIdAt(index));
  return { pages, modules: pages * moduleQueries(idsOfPage, [moduleId]).length };
}

const describe = ({ devices: count, tookMs, tookHubMs, peakBytes }: SweepRun): string =>
  `${count} devices in ${(tookMs / 1000).toFixed(1)} s (${(tookHubMs / 60_000).toFixed(1)} min of the hub's time), peak ${Math.round(peakBytes / 1024 ** 2)} MiB`;
