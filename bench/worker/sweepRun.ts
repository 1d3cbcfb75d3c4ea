import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CounterReport } from '../../local/emulator/http/counters.ts';
import { bareFleet, type FleetOptions } from './fleetOptions.ts';
import type { SweepAnswer, SweepQuestion } from './sweepQuestion.ts';
import { withFleetHub } from './withFleetHub.ts';

export interface SweepRun extends SweepAnswer {
  counters: CounterReport;
}

/**
 * What pays for the run is the hub's time, what is measured is this machine's: an S3 of one unit, 60 times as fast, lets the
 * worker ask 500 queries a second, more than it can.
 */
const fast = { tier: 'S3', units: 1, timeScale: 60 } as const;

/** Sweeps of a hub where nothing is missing, worker and hub each in a process of its own. */
export function sweepRun(devices: number, maxPageRows: number, sweeps = 1): Promise<SweepRun> {
  const fleet: FleetOptions = { ...bareFleet, ...fast, devices, maxPageRows, withModules: true };
  return withFleetHub(fleet, async (hub) => {
    const { connectionString, server } = hub;
    const question: SweepQuestion = { connectionString, caFile: String(server.ready.ca), ...fast, sweeps };
    const script = join(import.meta.dirname, 'sweepProcess.ts');
    const running = promisify(execFile)(process.execPath, [script]);
    running.child.stdin?.end(JSON.stringify(question));
    const { stdout } = await running;
    const answer: SweepAnswer = JSON.parse(stdout);
    if (answer.devices !== devices || answer.unchanged !== devices) {
      throw new Error(`The sweep saw ${answer.devices} devices and ${answer.unchanged} modules, not ${devices}`);
    }
    return { ...answer, counters: await hub.counters() };
  });
}
