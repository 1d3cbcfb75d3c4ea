import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import { EmulatorClock } from '../../local/emulator/state/emulatorClock.ts';
import { systemClock } from '../../shared/clock.ts';
import type { SweepAnswer, SweepQuestion } from './sweepQuestion.ts';
import { hubConfig } from './withFleetHub.ts';
import { WorkerHost } from './workerHost.ts';

/**
 * A process that does nothing but sweeps, so that its memory is the worker's. Reads a `SweepQuestion` as JSON to the end
 * of its input, where no list of processes shows the key in it; prints its `SweepAnswer` as one line.
 */
async function main(): Promise<void> {
  const question: SweepQuestion = JSON.parse(await text(process.stdin));
  tls.setDefaultCACertificates([await readFile(question.caFile)]);
  const clock = new EmulatorClock(systemClock, question.timeScale);
  const host = new WorkerHost(hubConfig(question.connectionString, question.tier, question.units), clock);
  const [startMs, startHubMs] = [performance.now(), clock.now()];
  let { counts } = await host.sweep();
  for (let sweep = 1; sweep < question.sweeps; sweep++) counts = (await host.sweep()).counts;
  const answer: SweepAnswer = {
    devices: counts.devices,
    unchanged: counts.unchanged,
    tookMs: performance.now() - startMs,
    tookHubMs: clock.now() - startHubMs,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

await main();
