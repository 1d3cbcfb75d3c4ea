import { defaultSpec, type ModuleSpec, type Policy } from '../../shared/policy/moduleSpec.ts';
import type { Benchmark, Figure } from '../benchmark.ts';
import { benchSize } from './benchSize.ts';
import { moduleId } from './fleetOptions.ts';
import { type SweepRun, sweepRun } from './sweepRun.ts';

const devices = 100_000;

/** Three settings of the micro agent, as "Micro agent configurations" in Microsoft's documentation names them. */
const desired = {
  Baseline_MessageFrequency: 'Low',
  SystemInformation_Disabled: false,
  Process_CacheSize: 256,
};
const enforcing: ModuleSpec = { ...defaultSpec(moduleId), twin: { mode: 'enforce', desired } };

/** The same fleet without and with an enforced twin that no module has drifted from. */
export const enforceBenchmark: Benchmark = {
  name: 'enforce',
  summary: 'a sweep of 100,000 modules that have the enforced twin: twin writes, queries, message quota, memory',
  run: async (say) => {
    const count = Math.round(devices * benchSize(process.env.BENCH_SIZE));
    const sweep = async (policy: Policy, maxPageRows: number, name: string) => {
      const run = await sweepRun(count, maxPageRows, { policy, desired });
      say(`  ${count} devices, ${name}, pages of ${maxPageRows}: ${(run.tookMs / 1000).toFixed(1)} s`);
      return run;
    };
    const figures: Figure[] = [];
    for (const maxPageRows of [1000, 100]) {
      const plain = await sweep([defaultSpec(moduleId)], maxPageRows, 'plain policy');
      const enforced = await sweep([enforcing], maxPageRows, 'enforced twin');
      figures.push(...figuresOf(plain, enforced, maxPageRows));
    }
    return figures;
  },
};

/** The figures of the enforced twin, each beside that of the plain policy. */
function figuresOf(plain: SweepRun, enforced: SweepRun, rows: number): Figure[] {
  const of = `${enforced.devices.toLocaleString('en')} devices, pages of ${rows}`;
  const figure = (what: string, unit: string, read: (run: SweepRun) => number): Figure => ({
    ...{ what: `${what}, ${of}`, value: read(enforced), unit },
    peer: { what: 'plain policy', value: read(plain) },
  });
  const operations = (name: 'query' | 'twinRead' | 'twinWrite') => (run: SweepRun) =>
    run.counters.operationsByClass[name];

  return [
    { ...figure('twin writes', '', operations('twinWrite')), goal: { atMost: 0 } },
    { ...figure('twin reads', '', operations('twinRead')), goal: { atMost: operations('twinRead')(plain) } },
    { ...figure('queries', 'queries', operations('query')), goal: { atMost: operations('query')(plain) } },
    figure('messages of the daily quota', '', (run) => run.counters.messagesUsed),
    figure('seconds on this machine', 's', (run) => run.tookMs / 1000),
    figure('peak memory of the worker', 'MiB', (run) => run.peakBytes / 1024 ** 2),
  ];
}
