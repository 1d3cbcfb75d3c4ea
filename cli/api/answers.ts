/*
 * What the commands read of the app's answers (docs/api.md). An older app leaves members out, so what is not in every version is
 * optional.
 */

/** Numbers of a run. In a dry run `created` means: would be. */
export interface Counts {
  devices: number;
  selected: number;
  excluded: Record<string, number>;
  created: number;
  unchanged: number;
  gone: number;
  failed: number;
  blocked: Record<string, number>;
  removed?: number;
  updated?: number;
}

/** One sweep of one hub. */
export interface Run {
  hub: string;
  runId: string;
  status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  dryRun: boolean;
  requestedAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  reason: string | null;
  waitingFor: string | null;
  counts: Counts;
  totalDevices: number | null;
  progress: { perMinute: number | null; estimatedEnd: string | null };
}

/** Answer of `POST /api/sweeps`. */
export interface StartedRuns {
  runs: { hub: string; runId: string; alreadyRunning: boolean }[];
  notStarted?: { hub: string; problem: { title: string; detail: string } }[];
}

interface SettingProblem {
  setting: string;
  message: string;
}

/** One hub in the answers of `GET /api/hubs` and `GET /api/status`. */
export interface HubState {
  /** Null if its entry in the settings has no name that can be read. */
  hub: string | null;
  paused: boolean;
  outOfService: SettingProblem[] | null;
  unknown: { what: string; why: string }[];
  coverage: {
    asOf: string;
    /** 0 to 1; null if that sweep did not see all devices. */
    share: number | null;
    incomplete: boolean;
    policyIsCurrent: boolean | null;
    counts: { selected: number; withModule: number; missing: number; blocked: Record<string, number> };
  } | null;
  nextSweep: string | null;
  liveRun: Run | null;
  waitingFor: string | null;
  pending: number | null;
  outage: { since: string; reason: string } | null;
  refusedSince: string | null;
  fullSince: string | null;
  full: { on: string; devicesPerDay: number } | null;
  givenUp: { deviceId: string; moduleId: string; reason: string | null }[];
}

/** One hub in the answer of `GET /api/status`. */
export interface HubStatus extends HubState {
  runs: { runId: string; status: string; dryRun: boolean; finishedAt: string | null; reason: string | null }[];
  failures: {
    runId: string;
    total: number;
    causes: { outcome: string; reason: string; count: number; advice: string }[];
  } | null;
}

/** Answer of `GET /api/status`. */
export interface Status {
  at: string;
  version: string;
  warnings: SettingProblem[];
  hubs: HubStatus[];
}

/** A line of a run's failures. */
export interface FailureLine {
  deviceId: string;
  moduleId: string;
  outcome: string;
  reason?: string;
  /** What to do about it. */
  advice?: string;
}

/** Answer of `GET /api/hubs/{hub}/devices/{deviceId}/modules`. */
export interface DeviceModules {
  hub: string;
  deviceId: string;
  modules: { moduleId: string; state: 'present' | 'missing' | 'excluded'; reason?: string; advice?: string }[];
}
