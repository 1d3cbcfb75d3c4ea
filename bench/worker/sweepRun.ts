import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CounterReport } from '../../local/emulator/http/counters.ts';
import { defaultSpec, type Policy, type TwinObject } from '../../shared/policy/moduleSpec.ts';
import { bareFleet, type FleetOptions, moduleId } from './fleetOptions.ts';
import type { SweepRequest, SweepResult } from './sweepRequest.ts';
import { withFleetHub } from './withFleetHub.ts';

/** Options of a sweep in which it differs from the default one. */
interface SweepOptions {
  /** Number of sweeps, one after the other; default 1. */
  sweeps?: number;
  /** Default: the module alone, without a twin. */
  policy?: Policy;
  /** Desired properties that every module has already; default none. */
  desired?: TwinObject;
}

/** The result of a sweep, and the counters of its hub. */
export interface SweepRun extends SweepResult {
  counters: CounterReport;
}

/** The hub must not be the limit: an S3 unit, 60 times as fast, grants 500 queries a second, more than the worker can send. */
const fast = { tier: 'S3', units: 1, timeScale: 60 } as const;

/** Sweeps a hub on which no module is missing. Worker and hub run in their own processes. */
export function sweepRun(
  devices: number,
  maxPageRows: number,
  { sweeps = 1, policy = [defaultSpec(moduleId)], desired }: SweepOptions = {},
): Promise<SweepRun> {
  const twin = desired ? { desired } : {};
  const fleet: FleetOptions = { ...bareFleet, ...fast, devices, maxPageRows, withModules: true, ...twin };
  return withFleetHub(fleet, async (hub) => {
    const { connectionString, server } = hub;
    const request: SweepRequest = { connectionString, caFile: String(server.ready.ca), ...fast, sweeps, policy };
    const script = join(import.meta.dirname, 'sweepProcess.ts');
    const running = promisify(execFile)(process.execPath, [script]);
    running.child.stdin?.end(JSON.stringify(request));
    const { stdout } = await running;
    const result: SweepResult = JSON.parse(stdout);
    if (result.devices !== devices || result.unchanged !== devices) {
      throw new Error(`The sweep found ${result.devices} devices and ${result.unchanged} modules, not ${devices}`);
    }
    return { ...result, counters: await hub.counters() };
  });
}
