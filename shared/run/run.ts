import type { PolicyOrigin, PolicySource } from '../policy/policyInForce.ts';
import type { StoredChange } from '../reconcile/moduleChange.ts';
import type { Causes } from './causes.ts';
import { type Counts, noCounts } from './counts.ts';
import type { Covered } from './coveredPairs.ts';
import { type ExemptionCounts, noExemptions } from './exemptionCounts.ts';
import type { RunHealth } from './healthCounts.ts';
import { noReports, type ReportSizes } from './report.ts';
import type { WaveCountsByModule } from './waveCounts.ts';

/**
 * What started a run, in this order: the timer of `nightlySweep`; a request to `startSweep`; the watch, for a sweep that
 * `nightlySweep` did not start in time; a request that undoes another run; a tool of an assistant.
 */
export const starters = ['timer', 'http', 'watch', 'undo', 'assistant'] as const;
export type Starter = (typeof starters)[number];

/** A run that the hub document names. The run exists as soon as that document names it; its own document may be written later. */
export interface RunRef {
  runId: string;
  dryRun: boolean;
  /** ISO 8601, UTC. */
  requestedAt: string;
  /** Absent if an earlier version started it. */
  startedBy?: Starter;
  /** The run whose removals it undoes; absent for a sweep. */
  undoes?: string;
}

/** The version of run documents that this app writes; it reads every version (`readStoredRun`). Version 1 had no number. */
export const runVersion = 3;

/** A run is live while `queued` or `running`; the other three are final. */
type RunStatus = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

/** A change that is still to be made. */
export type TodoChange = StoredChange & {
  /** A call of this run may have made the change already, so the module must be read first. */
  asked?: true;
  /** How often the change failed while the hub served other changes, over all slices. */
  ownFailures?: number;
  /** The time of the next try at the earliest; milliseconds since 1970. */
  retryAtMs?: number;
};

/** Figures about a hub, read before a run starts. */
export interface Preflight {
  devices: number;
  /** Null if the hub cannot count them. */
  modules: number | null;
  /** Headroom: number of modules that the run may create; null if the hub cannot count. */
  places: number | null;
  /** Hours that creates and removals take at the granted rate, if every device needs each of them. */
  hoursAtMost: number;
  /** Estimated messages of the hub's daily quota that listing the devices and their modules costs. */
  listingMessages: number;
  warnings: string[];
}

/** Position of a run. Written together with its counts, so that both are consistent. */
export interface Checkpoint {
  /** Changes of the counted pages that are still to be made. */
  todo: TodoChange[];
  /** The hub's token for the page after the counted ones. */
  continuation?: string;
  /** Rows of each page of this listing; null until it begins. */
  pageRows: number | null;
  /** Host name of the hub that is listed; null until the listing begins, or if an earlier version began it. */
  hostName: string | null;
  /** When this listing began, ISO 8601, UTC; null until then. Progress is measured from here. */
  listingSince: string | null;
  /** When the last page was added to the todo, ISO 8601, UTC; null until then, or if an earlier version added it. */
  pageAt: string | null;
  /** Whether the run may remove modules whose spec requires a dry run: a dry run came before it, or the run is a dry run. */
  mayRemove: boolean;
  /** Whether the last page is counted. */
  listed: boolean;
  /** How often the hub refused to continue the listing, so that it was restarted. */
  restarts: number;
  /** How many of the last restarts followed each other without progress (`shared/sweep/listing.ts`). */
  restartsInVain: number;
  /** Most devices that a listing had counted when the hub refused to continue it. */
  furthest: number;
  /** How much of each report belongs to these counts. */
  reports: ReportSizes;
  /** Number of the stored parts that list the modules which the run has removed (`removedModules.ts`). */
  removedParts: number;
  /** The number of the stored part that an undo works on; null before the first part. */
  undonePart: number | null;
  /** Changes made by this run, by module id; limited by `stop.maxChanges`. */
  changes: Record<string, number>;
  /** Failures of this run, by module id; limited by `stop.maxFailurePercent`. */
  failures: Record<string, number>;
  /** The covered pairs of the counted outcomes; null if an earlier version began the listing. */
  covered: Covered | null;
  /** What the run has seen of the open waves of rollouts. */
  waves: WaveCountsByModule;
  /** The modules that the run leaves out because of a stop rule: the reason, by module id. */
  stopped: Record<string, string>;
  /** Since when the hub has refused the app during the run, ISO 8601, UTC; null while it does not. */
  refusedSince: string | null;
  /** Headroom: number of modules that may still be created; null if unknown. */
  places: number | null;
}

/** The record of one sweep or undo, stored as `runs/{hub}/{runId}.json`. Times are ISO 8601, UTC. */
export interface Run {
  /** The `runVersion` of the app that wrote the document last. */
  version: number;
  hub: string;
  /** Sorts by the time of the request (`newRunId`). */
  runId: string;
  status: RunStatus;
  dryRun: boolean;
  requestedAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  checkpointAt: string | null;
  /** Null if an earlier version started it. */
  startedBy: Starter | null;
  /** The run whose removals this one undoes; null for a sweep. */
  undoes: string | null;
  /** Fingerprint of the policy that the listing and the counts belong to; null until the run starts. */
  policy: string | null;
  /** Where that policy came from; null until the run starts, or if an earlier version started it. */
  policySource: PolicySource | null;
  /** The ETag of `policy.json`; null for a policy from elsewhere. */
  policyEtag: string | null;
  /** Why the run failed or was cancelled, or that its listing was restarted or is not complete. */
  reason: string | null;
  /** Why the run waits now; null while it does not wait. */
  waitingFor: string | null;
  counts: Counts;
  /** How many lines of the run's failures have each outcome and reason. */
  causes: Causes;
  /** Pairs whose device has an exempt tag, by the state of the exemption; null for an undo, or if an earlier version began the listing. */
  exemptions: ExemptionCounts | null;
  /** What agents report, by module id; null for an undo, or if an earlier version began the listing. */
  health: RunHealth | null;
  /** The hub's own count of devices when the listing had ended; null before. */
  devicesAtEnd: number | null;
  progress: {
    pages: number;
    perMinute: number | null;
    estimatedEnd: string | null;
    /** How long the run has waited after throttled responses, over all slices; null if an earlier version began it. */
    throttledMs: number | null;
  };
  /** Null until the run starts. */
  preflight: Preflight | null;
  checkpoint: Checkpoint;
  /** Another value in every write, so that a writer recognizes its own write. */
  writeId: string;
}

/** The document of a run that has not started. */
export function newRun(hub: string, { runId, dryRun, requestedAt, startedBy, undoes }: RunRef): Run {
  return {
    version: runVersion,
    hub,
    runId,
    status: 'queued',
    dryRun,
    requestedAt,
    startedAt: null,
    finishedAt: null,
    checkpointAt: null,
    startedBy: startedBy ?? null,
    undoes: undoes ?? null,
    policy: null,
    policySource: null,
    policyEtag: null,
    reason: null,
    waitingFor: null,
    counts: noCounts(),
    causes: {},
    // An undo lists no devices.
    exemptions: undoes === undefined ? noExemptions() : null,
    health: undoes === undefined ? {} : null,
    devicesAtEnd: null,
    progress: { pages: 0, perMinute: null, estimatedEnd: null, throttledMs: 0 },
    preflight: null,
    checkpoint: newCheckpoint(),
    writeId: '',
  };
}

/** Notes which policy the listing and the counts belong to from now on. */
export function noteOrigin(run: Run, { fingerprint, source, etag }: PolicyOrigin): void {
  Object.assign(run, { policy: fingerprint, policySource: source, policyEtag: etag ?? null } satisfies Partial<Run>);
}

/** The checkpoint at the start of a listing. */
export function newCheckpoint(): Checkpoint {
  return {
    todo: [],
    pageRows: null,
    hostName: null,
    listingSince: null,
    pageAt: null,
    mayRemove: false,
    listed: false,
    restarts: 0,
    restartsInVain: 0,
    furthest: 0,
    reports: noReports(),
    removedParts: 0,
    undonePart: null,
    changes: {},
    failures: {},
    covered: {},
    stopped: {},
    waves: {},
    refusedSince: null,
    places: null,
  };
}

/** Whether the run has not ended. */
export function isLive(run: Run): boolean {
  return run.status === 'queued' || run.status === 'running';
}

/** A new run id, such as `20261123T020000Z-4f2a`: the UTC time of the request and four random hex digits. Sorts by time. */
export function newRunId(nowMs: number, random: () => number): string {
  const second = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
  const suffix = Math.floor(random() * 0x10000)
    .toString(16)
    .padStart(4, '0');
  return `${second}-${suffix}`;
}

/** Matches exactly the ids of `newRunId`. */
export const runIdPattern = /^\d{8}T\d{6}Z-[0-9a-f]{4}$/;

/** Path of a run's document. */
export function runPath(hub: string, runId: string): string {
  return `runs/${hub}/${runId}.json`;
}
