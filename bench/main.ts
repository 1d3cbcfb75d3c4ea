import { availableParallelism } from 'node:os';
import type { Benchmark, Report } from './benchmark.ts';
import { reached } from './benchmark.ts';
import { emulatorBenchmark } from './emulator.ts';
import { figureLine } from './figureLine.ts';
import { hubsBenchmark } from './hubs.ts';
import { pendingBenchmark } from './pending.ts';
import { startBenchmark } from './start.ts';
import { statusBenchmark } from './status.ts';
import { backfillBenchmark } from './worker/backfill.ts';
import { burstBenchmark } from './worker/burst.ts';
import { enforceBenchmark } from './worker/enforce.ts';
import { eventsBenchmark } from './worker/events.ts';
import { sweepBenchmark } from './worker/sweep.ts';

const benchmarks: readonly Benchmark[] = [
  emulatorBenchmark,
  backfillBenchmark,
  sweepBenchmark,
  enforceBenchmark,
  eventsBenchmark,
  burstBenchmark,
  hubsBenchmark,
  pendingBenchmark,
  startBenchmark,
  statusBenchmark,
];

const usage = `Usage: npm run bench -- NAME, or npm run bench -- --list\n`;

/** Runs one benchmark. The last line of the output is its `Report` as one JSON object. */
async function main(args: readonly string[]): Promise<void> {
  const [name, ...rest] = args;
  if (name === '--list') {
    for (const benchmark of benchmarks) say(`${benchmark.name}  ${benchmark.summary}`);
    return say(JSON.stringify({ benchmarks: benchmarks.map((benchmark) => benchmark.name) }));
  }
  const benchmark = benchmarks.find((known) => known.name === name);
  if (!benchmark || rest.length > 0) {
    process.stderr.write(`${usage}Known: ${benchmarks.map((known) => known.name).join(', ')}\n`);
    process.exitCode = 1;
    return;
  }
  say(`${benchmark.name}: Node ${process.versions.node}, ${availableParallelism()} cores, ${new Date().toISOString()}`);
  const figures = await benchmark.run(say);
  for (const figure of figures) say(figureLine(figure));
  const report: Report = { benchmark: benchmark.name, figures, goalsReached: figures.every(reached) };
  say(JSON.stringify(report));
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main(process.argv.slice(2));
