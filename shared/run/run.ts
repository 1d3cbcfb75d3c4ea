import type { StoredChange } from '../reconcile/moduleChange.ts';
import { type Counts, noCounts } from './counts.ts';
import type { RunRef } from './hubDocument.ts';

type RunStatus = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

/** A change that the pages taken in still need. */
export type TodoChange = StoredChange & {
  /** A call of this run may have made it; it must be looked up. */
  asked?: true;
  /** Rounds of looking it up that have failed, over all slices. */
  rounds?: number;
  /** Those of `rounds` that failed while the hub served others. */
  ownFailures?: number;
};

/** What is known of a hub before a run writes to it. */
export interface Preflight {
  devices: number;
  /** Null where the hub would not count them. */
  modules: number | null;
  /** Modules that the run may create before it comes to the reserved headroom; null where the hub did not count. */
  places: number | null;
  /** How long the creates take at the granted rate, if every device lacks every module. */
  hoursAtMost: number;
  /** Messages of the hub's daily quota that listing the devices and their modules costs, about. */
  listingMessages: number;
  warnings: string[];
}

/** Where a run stands: written together with its counts, so both always fit each other. */
export interface Checkpoint {
  /** Changes of the pages taken in that are still to be made. */
  todo: TodoChange[];
  /** Continues the listing behind those pages; the hub's own token. */
  continuation?: string;
  /** Whether the listing has come to its end. */
  listed: boolean;
  /** How often the listing was begun anew. */
  restarts: number;
  /** Parts and bytes of the failures text that belong to these counts. */
  failureParts: number;
  failureBytes: number;
  /** Changes made by this run, by module id; what `stop.maxChanges` looks at. */
  changes: Record<string, number>;
  /** Failures of this run, by module id; what `stop.maxFailurePercent` looks at. */
  failures: Record<string, number>;
  /** Since when the hub has refused the app's key in the middle of the run; ISO 8601, UTC. */
  refusedSince: string | null;
  /** Modules that may still be created before the reserved headroom; null where that is unknown. */
  places: number | null;
}

/** One sweep's record, as `runs/{hub}/{runId}.json`. Times are ISO 8601, UTC. */
export interface Run {
  hub: string;
  /** Sorts by time. */
  runId: string;
  status: RunStatus;
  dryRun: boolean;
  requestedAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  checkpointAt: string | null;
  /** Why it failed, or what happened to it on its way. */
  reason: string | null;
  /** What the hub makes it wait for at this moment. */
  waitingFor: string | null;
  counts: Counts;
  progress: { pages: number; perMinute: number | null; estimatedEnd: string | null };
  /** Null until it begins. */
  preflight: Preflight | null;
  checkpoint: Checkpoint;
  /** Differs with every write, so that a writer knows its own. */
  writeId: string;
}

export function newRun(hub: string, { runId, dryRun, requestedAt }: RunRef): Run {
  return {
    hub,
    runId,
    status: 'queued',
    dryRun,
    requestedAt,
    startedAt: null,
    finishedAt: null,
    checkpointAt: null,
    reason: null,
    waitingFor: null,
    counts: noCounts(),
    progress: { pages: 0, perMinute: null, estimatedEnd: null },
    preflight: null,
    checkpoint: newCheckpoint(),
    writeId: '',
  };
}

/** The start of a listing. */
export function newCheckpoint(): Checkpoint {
  return {
    todo: [],
    listed: false,
    restarts: 0,
    failureParts: 0,
    failureBytes: 0,
    changes: {},
    failures: {},
    refusedSince: null,
    places: null,
  };
}

export function isLive(run: Run): boolean {
  return run.status === 'queued' || run.status === 'running';
}

/** `20261123T020000Z-4f2a`: the second it was asked for, and four random digits. */
export function newRunId(nowMs: number, random: () => number): string {
  const second = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
  const suffix = Math.floor(random() * 0x10000)
    .toString(16)
    .padStart(4, '0');
  return `${second}-${suffix}`;
}

export const runIdPattern = /^\d{8}T\d{6}Z-[0-9a-f]{4}$/;

export function runPath(hub: string, runId: string): string {
  return `runs/${hub}/${runId}.json`;
}

export function failuresPath(hub: string, runId: string): string {
  return `runs/${hub}/${runId}.failures.ndjson`;
}
