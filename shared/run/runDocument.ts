import { type PolicySource, policySources } from '../policy/policyInForce.ts';
import { countOr, countsOf, membersOf, numberOr, stringOr, stringsOf, timeOr } from '../storage/readMembers.ts';
import { readCauses } from './causes.ts';
import { readCounts } from './counts.ts';
import { readCovered } from './coveredPairs.ts';
import { readExemptions } from './exemptionCounts.ts';
import { readHealth } from './healthCounts.ts';
import { packTodo, unpackTodo } from './packedTodo.ts';
import { readReports, storedReports } from './report.ts';
import { type Checkpoint, newCheckpoint, type Preflight, type Run, runVersion, type Starter, starters } from './run.ts';
import { readWaveCounts } from './waveCounts.ts';

/** The run as it is stored; a deep copy. */
export function storedRun(run: Run): unknown {
  const { checkpoint, ...members } = run;
  const { reports, todo, ...position } = checkpoint;
  return structuredClone({
    ...members,
    version: runVersion,
    checkpoint: { ...position, ...storedReports(reports), todo: packTodo(todo) },
  });
}

/**
 * Reads the stored document of the run with this id, of any version: members that are missing or not understood get defaults,
 * and members that this version does not know are kept. If its position or its counts cannot be trusted, `policy` is null,
 * with which its worker begins the listing anew. Without the member `dryRun` the run counts as a dry run, which changes nothing.
 */
export function readStoredRun(stored: unknown, hub: string, runId: string): Run {
  const value = membersOf(stored);
  const { counts, areComplete } = readCounts(value.counts);
  const { checkpoint, isComplete } = readCheckpoint(value.checkpoint);
  const { listed, continuation, pageRows } = checkpoint;
  const hasPosition = listed || (continuation !== undefined && pageRows !== null);
  const progress = membersOf(value.progress);
  return {
    ...value,
    version: numberOr(value.version, 1),
    hub,
    runId,
    // An unknown status is not live, so that this version leaves the run alone.
    status: stringOr(value.status, 'running') as Run['status'],
    dryRun: value.dryRun !== false,
    requestedAt: timeOr(value.requestedAt, timeOf(runId)),
    startedAt: timeOr(value.startedAt, null),
    finishedAt: timeOr(value.finishedAt, null),
    checkpointAt: timeOr(value.checkpointAt, null),
    startedBy: readStarter(value.startedBy) ?? null,
    undoes: stringOr(value.undoes, null),
    policy: areComplete && isComplete && (hasPosition || counts.devices === 0) ? stringOr(value.policy, null) : null,
    policySource: readSource(value.policySource),
    policyEtag: stringOr(value.policyEtag, null),
    reason: stringOr(value.reason, null),
    waitingFor: stringOr(value.waitingFor, null),
    counts,
    causes: readCauses(value.causes, counts),
    exemptions: readExemptions(value.exemptions),
    health: readHealth(value.health),
    devicesAtEnd: countOr(value.devicesAtEnd, null),
    progress: {
      ...progress,
      pages: countOr(progress.pages, 0),
      perMinute: numberOr(progress.perMinute, null),
      estimatedEnd: timeOr(progress.estimatedEnd, null),
      throttledMs: countOr(progress.throttledMs, null),
    },
    preflight: readPreflight(value.preflight),
    checkpoint,
    writeId: stringOr(value.writeId, ''),
  };
}

/** Undefined if the value is missing, or if this version does not know it. */
export function readStarter(stored: unknown): Starter | undefined {
  return starters.find((one) => one === stored);
}

function readSource(stored: unknown): PolicySource | null {
  return policySources.find((source) => source === stored) ?? null;
}

function readCheckpoint(stored: unknown): { checkpoint: Checkpoint; isComplete: boolean } {
  const value = membersOf(stored);
  const todo = unpackTodo(value.todo);
  const { continuation, ...members } = value;
  return {
    checkpoint: {
      ...members,
      ...newCheckpoint(),
      todo: todo ?? [],
      ...(typeof continuation === 'string' ? { continuation } : {}),
      pageRows: countOr(value.pageRows, null),
      hostName: stringOr(value.hostName, null),
      listingSince: timeOr(value.listingSince, null),
      pageAt: timeOr(value.pageAt, null),
      mayRemove: value.mayRemove === true,
      listed: value.listed === true,
      restarts: countOr(value.restarts, 0),
      restartsInVain: countOr(value.restartsInVain, 0),
      furthest: countOr(value.furthest, 0),
      reports: readReports(value),
      removedParts: countOr(value.removedParts, 0),
      undonePart: countOr(value.undonePart, null),
      changes: countsOf(value.changes).counts,
      failures: countsOf(value.failures).counts,
      covered: readCovered(value.covered),
      stopped: stringsOf(value.stopped),
      waves: readWaveCounts(value.waves),
      refusedSince: timeOr(value.refusedSince, null),
      // 0 makes the worker count the modules of the hub before its first create; null would switch the check off.
      places: value.places === null ? null : countOr(value.places, 0),
    },
    isComplete: todo !== undefined && typeof value.listed === 'boolean',
  };
}

function readPreflight(stored: unknown): Preflight | null {
  const value = membersOf(stored);
  const devices = countOr(value.devices, undefined);
  if (devices === undefined) return null;
  const { warnings } = value;
  return {
    ...value,
    devices,
    modules: countOr(value.modules, null),
    places: countOr(value.places, null),
    hoursAtMost: numberOr(value.hoursAtMost, 0),
    listingMessages: countOr(value.listingMessages, 0),
    warnings: Array.isArray(warnings) ? warnings.filter((warning) => typeof warning === 'string') : [],
  };
}

/** The time in a run id: `20261123T020000Z-4f2a`. */
function timeOf(runId: string): string {
  return runId.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z.*/, '$1-$2-$3T$4:$5:$6.000Z');
}
