import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import { EmulatorClock } from '../../local/emulator/state/emulatorClock.ts';
import { systemClock } from '../../shared/clock.ts';
import type { SweepRequest, SweepResult } from './sweepRequest.ts';
import { hubConfig } from './withFleetHub.ts';
import { WorkerHost } from './workerHost.ts';

/**
 * A process that only sweeps, so that its memory is that of the worker. Reads a `SweepRequest` as JSON from its input, not
 * from an argument, because a process list would show the key; prints a `SweepResult` as one line.
 */
async function main(): Promise<void> {
  const request: SweepRequest = JSON.parse(await text(process.stdin));
  tls.setDefaultCACertificates([await readFile(request.caFile)]);
  const clock = new EmulatorClock(systemClock, request.timeScale);
  const host = new WorkerHost(hubConfig(request.connectionString, request.tier, request.units), clock, request.policy);
  const [startMs, startHubMs] = [performance.now(), clock.now()];
  let { counts } = await host.sweep();
  for (let sweep = 1; sweep < request.sweeps; sweep++) counts = (await host.sweep()).counts;
  const result: SweepResult = {
    devices: counts.devices,
    unchanged: counts.unchanged,
    tookMs: performance.now() - startMs,
    tookHubMs: clock.now() - startHubMs,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

await main();
