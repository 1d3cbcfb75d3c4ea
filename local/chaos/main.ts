import { bundle } from '../../scripts/bundle.ts';
import { callThisMachineDirectly } from '../directCalls.ts';
import { ChaosUsageError, helpText, readChaosOptions } from './chaosOptions.ts';
import { type ChaosResult, chaosRun } from './chaosRun.ts';
import { measureTakeovers } from './takeover.ts';

/** Runs the chaos runs in sequence. The last line is JSON; the exit code is 1 if a check failed. */
async function main(args: string[]): Promise<void> {
  const options = readChaosOptions(args);
  if (options === 'help') return writeLine(helpText.trimEnd());
  // A regular exit, so that the emulator's files are removed; child processes end with their standard input.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  callThisMachineDirectly();
  const { seeds, from, app = await bundle(), verbose, takeover, ...each } = options;
  const onLine = (line: string) => void process.stderr.write(`${line}\n`);
  if (takeover) {
    const options = { app, lifeMs: each.lifeMs, writeLine, ...(verbose ? { onLine } : {}) };
    return writeLine(JSON.stringify({ takeovers: await measureTakeovers(options) }));
  }
  const results: ChaosResult[] = [];
  for (let seed = from; seed < from + seeds; seed++) {
    const result = await chaosRun({ ...each, seed, app, writeLine, ...(verbose ? { onLine } : {}) });
    results.push(result);
    for (const line of result.failedChecks) writeLine(`seed ${seed}: FAILED: ${line}`);
    writeLine(JSON.stringify(result));
  }
  const total = (of: (result: ChaosResult) => number) => results.reduce((sum, result) => sum + of(result), 0);
  const failedChecks = total((result) => result.failedChecks.length);
  writeLine(
    JSON.stringify({
      seeds,
      from,
      devices: each.devices,
      kills: total((result) => result.kills),
      arrived: total((result) => result.arrived),
      modulesMade: total((result) => result.modulesMade),
      madeByQuietSweep: total((result) => result.madeByQuietSweep),
      throttled: total((result) => result.throttled),
      seconds: total((result) => result.seconds),
      failedChecks,
    }),
  );
  if (failedChecks > 0) process.exitCode = 1;
}

function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const text = error instanceof ChaosUsageError ? `${error.message}\nSee npm run chaos -- --help.` : stackOrText(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
});

function stackOrText(error: unknown): string {
  return (error instanceof Error && error.stack) || String(error);
}
