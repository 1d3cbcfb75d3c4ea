import type { Clock, Random } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';
import type { HubBudgets } from '../hub/hubBudgets.ts';
import type { HubOutage } from '../hub/hubOutage.ts';
import type { Registry } from '../hub/registry.ts';
import type { PolicyInForce } from '../policy/policyInForce.ts';
import type { Documents, PartedTexts } from '../storage/documents.ts';
import type { Leases } from '../storage/leases.ts';
import type { PendingDevices, WakeUps } from '../storage/queues.ts';
import type { Log } from '../telemetry/log.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { SliceSignals } from './slice.ts';

/** What one hub's worker needs. */
export interface WorkerDeps {
  hub: HubConfig;
  registry: Registry;
  /** The policy of this slice. */
  inForce: PolicyInForce;
  documents: Documents & PartedTexts;
  leases: Leases;
  pending: PendingDevices;
  wakeUps: WakeUps;
  clock: Clock;
  random: Random;
  log: Log;
  telemetry: Telemetry;
  sliceMs: number;
  /** Aborted when the process is told to stop. */
  stopping: AbortSignal;
}

/** What the runs of one slice need. */
export interface RunLoopDeps extends WorkerDeps {
  budgets: HubBudgets;
  outage: HubOutage;
  signals: SliceSignals;
}
