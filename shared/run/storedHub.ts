import { type LatelySpent, type LearnedRates, operationClasses } from '../hub/hubBudgets.ts';
import type { Spending } from '../hub/spendingWindow.ts';
import type { RolloutState, RolloutStates } from '../policy/rollout.ts';
import { countOr, membersOf, numberOr, numbersOf, stringOr, timeOr } from '../storage/readMembers.ts';
import { type Counts, readCounts } from './counts.ts';
import { type RunHealth, readHealth } from './healthCounts.ts';
import type { RunRef } from './run.ts';
import { readStarter } from './runDocument.ts';

/** A pending device that failed by itself until it was given up. */
export interface GivenUpDevice {
  deviceId: string;
  moduleId: string;
  reason?: string;
  /** ISO 8601, UTC. */
  at: string;
}

/** State of a hub between slices, stored as `hubs/{hub}.json`. */
export interface HubDocument {
  /** The `hubVersion` of the app that wrote the document last; undefined before version 2. */
  version?: number;
  /** The run that the hub's worker works on. */
  activeRun?: RunRef;
  /** The next run. It is of the other kind (dry or real), because neither kind replaces the other. */
  queuedRun?: RunRef;
  /** The rates that the worker keeps to after throttling, in operations per minute, by class. */
  learnedRates?: LearnedRates;
  /** The hub's account of the last minute (`claimOperations`). Absent while a slice runs, because the slice keeps it then. */
  spending?: LatelySpent;
  /** Since when only the reserved headroom remains; ISO 8601, UTC. New devices stay pending meanwhile. */
  fullSince?: string;
  /** Modules that could still be created when a run counted the hub last, at its beginning or end; ISO 8601, UTC. */
  headroom?: { places: number; countedAt: string };
  /**
   * The last real run that is done, with what agents reported. `incomplete`: its listing lacked devices (`sawWholeHub`), so it says
   * nothing about coverage.
   */
  lastFinishedSweep?: { runId: string; finishedAt: string; counts: Counts; incomplete?: true; health?: RunHealth };
  /** Run id of an undo that was started since `lastFinishedSweep`, which may thus count modules as removed that exist again. */
  undoSinceSweep?: string;
  /** The last dry run that is done and saw the whole hub, with the fingerprint of its policy; absent after an undo. */
  lastDryRun?: { runId: string; policy: string; hostName: string; finishedAt: string };
  /**
   * Since when (ISO 8601, UTC) the hub has served no call, in how many slices, the result of the last probe, and when the delayed
   * wake-up of the worker becomes visible.
   */
  outage?: { since: string; slices: number; reason: string; comeBackAt?: string };
  /** The active run has nothing to do before `until` (ISO 8601, UTC), when the delayed wake-up of its worker becomes visible. */
  heldRun?: { runId: string; until: string };
  /** How far the rollouts of the policy are, by module id. */
  rollouts?: RolloutStates;
  /** Pending devices that were left to the next sweep, the newest first. */
  givenUp?: GivenUpDevice[];
  /**
   * When the watch last sent a wake-up to this hub, or a slice last began; the later of the two. ISO 8601, UTC. A slice that
   * leaves work sends the next wake-up itself.
   */
  wokenAt?: string;
  /** Since when the watch expects sweeps of the hub; absent while it is paused. ISO 8601, UTC. */
  watchedSince?: string;
  /** Since when the hub has refused the app in every slice that worked on it. ISO 8601, UTC. */
  refusedSince?: string;
  /** Sweeps that were due by the schedule `scheduledBy` up to this time have been started or left out. ISO 8601, UTC. */
  scheduledThrough?: string;
  /** The schedule that `scheduledThrough` belongs to: an NCRONTAB expression. */
  scheduledBy?: string;
  /** How many slices in a row began on the active run since its checkpoint of `checkpointAt`, and did not end in order. */
  brokenSlices?: { runId: string; checkpointAt: string | null; begun: number };
}

/**
 * Reads a stored hub document of any version: parts that are missing or not understood are left out, as if the app had not
 * stored them yet, and parts that this version does not know are kept.
 */
export function readStoredHub(stored: unknown): HubDocument {
  const { version, activeRun, queuedRun, learnedRates, spending, fullSince, headroom, lastFinishedSweep, ...rest } =
    membersOf(stored);
  // In version 1 the watch counted in `watch`; later versions count in `brokenSlices`.
  const { outage, givenUp, wokenAt, scheduledThrough, scheduledBy, brokenSlices, watch: _old, ...others } = rest;
  const { watchedSince, refusedSince, undoSinceSweep, lastDryRun, heldRun, rollouts, ...more } = others;
  return {
    ...more,
    ...part('version', numberOr(version, undefined)),
    ...part('activeRun', readRef(activeRun)),
    ...part('queuedRun', readRef(queuedRun)),
    ...part('learnedRates', learnedRates === undefined ? undefined : positive(numbersOf(learnedRates))),
    ...part('spending', readSpending(spending)),
    ...part('fullSince', timeOr(fullSince, undefined)),
    ...part('headroom', readHeadroom(headroom)),
    ...part('lastFinishedSweep', readFinished(lastFinishedSweep)),
    ...part('undoSinceSweep', stringOr(undoSinceSweep, undefined)),
    ...part('lastDryRun', readDryRun(lastDryRun)),
    ...part('outage', readOutage(outage)),
    ...part('heldRun', readHeldRun(heldRun)),
    ...part('rollouts', rollouts === undefined ? undefined : readRollouts(rollouts)),
    ...part('givenUp', readGivenUp(givenUp)),
    ...part('wokenAt', timeOr(wokenAt, undefined)),
    ...part('watchedSince', timeOr(watchedSince, undefined)),
    ...part('refusedSince', timeOr(refusedSince, undefined)),
    ...part('scheduledThrough', timeOr(scheduledThrough, undefined)),
    ...part('scheduledBy', stringOr(scheduledBy, undefined)),
    ...part('brokenSlices', readBrokenSlices(brokenSlices)),
  };
}

function part<Name extends keyof HubDocument>(name: Name, value: HubDocument[Name]): Pick<HubDocument, never> {
  return value === undefined ? {} : { [name]: value };
}

/** Reads a reference to a run. Without the member `dryRun` the run counts as a dry run, which changes nothing. */
function readRef(stored: unknown): RunRef | undefined {
  const { runId, dryRun, requestedAt, startedBy, ...more } = membersOf(stored);
  if (typeof runId !== 'string') return undefined;
  const starter = readStarter(startedBy);
  const known = { runId, dryRun: dryRun !== false, requestedAt: stringOr(requestedAt, '') };
  return { ...more, ...known, ...(starter === undefined ? {} : { startedBy: starter }) };
}

function positive(rates: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(rates).filter(([, rate]) => rate > 0));
}

/** Undefined if none is stored. A class that cannot be read is left out: its budget then begins empty. */
function readSpending(stored: unknown): LatelySpent | undefined {
  if (stored === undefined) return undefined;
  const spent: LatelySpent = {};
  for (const name of operationClasses) {
    const value = membersOf(membersOf(stored)[name]);
    if (isSpending(value)) spent[name] = value;
  }
  return spent;
}

function isSpending(value: object): value is Spending {
  const { atMs, paidAtMs, rateSinceMs, lastMinute } = value as Partial<Spending>;
  const areNumbers = (values: unknown[]) => values.every((one) => Number.isFinite(one));
  return (
    areNumbers([atMs, paidAtMs, rateSinceMs]) &&
    Array.isArray(lastMinute) &&
    lastMinute.every((entry) => Array.isArray(entry) && entry.length === 2 && areNumbers(entry) && entry[1] >= 0)
  );
}

/** A sweep whose counts are not complete says nothing about coverage. */
function readFinished(stored: unknown): HubDocument['lastFinishedSweep'] {
  const { runId, finishedAt, counts: storedCounts, incomplete, health: storedHealth, ...more } = membersOf(stored);
  if (typeof runId !== 'string') return undefined;
  const { counts, areComplete } = readCounts(storedCounts);
  const isIncomplete = incomplete === true || !areComplete;
  const health = readHealth(storedHealth);
  return {
    ...more,
    runId,
    finishedAt: stringOr(finishedAt, ''),
    counts,
    ...(isIncomplete ? { incomplete: true } : {}),
    ...(health === null ? {} : { health }),
  };
}

function readDryRun(stored: unknown): HubDocument['lastDryRun'] {
  const { runId, policy, hostName, finishedAt, ...more } = membersOf(stored);
  if (typeof runId !== 'string' || typeof policy !== 'string' || typeof hostName !== 'string') return undefined;
  return { ...more, runId, policy, hostName, finishedAt: stringOr(finishedAt, '') };
}

function readHeadroom(stored: unknown): HubDocument['headroom'] {
  const { places, countedAt, ...more } = membersOf(stored);
  const count = countOr(places, undefined);
  return count === undefined ? undefined : { ...more, places: count, countedAt: stringOr(countedAt, '') };
}

function readOutage(stored: unknown): HubDocument['outage'] {
  const { since, slices, reason, comeBackAt, ...more } = membersOf(stored);
  const readSince = timeOr(since, undefined);
  if (readSince === undefined) return undefined;
  const back = timeOr(comeBackAt, undefined);
  const known = { since: readSince, slices: countOr(slices, 0), reason: stringOr(reason, '') };
  return { ...more, ...known, ...(back === undefined ? {} : { comeBackAt: back }) };
}

function readHeldRun(stored: unknown): HubDocument['heldRun'] {
  const { runId, until, ...more } = membersOf(stored);
  const readUntil = timeOr(until, undefined);
  return typeof runId !== 'string' || readUntil === undefined ? undefined : { ...more, runId, until: readUntil };
}

/** Reads the states of rollouts. A state that cannot be read is left out: its rollout restarts at the first wave. */
function readRollouts(stored: unknown): RolloutStates {
  return Object.fromEntries(
    Object.entries(membersOf(stored)).flatMap(([moduleId, state]) => {
      const { spec, wave, doneAt, held, ...more } = membersOf(state);
      const readWave = countOr(wave, undefined);
      if (typeof spec !== 'string' || readWave === undefined) return [];
      const known: RolloutState = {
        ...more,
        ...{ spec, wave: readWave },
        ...(timeOr(doneAt, undefined) === undefined ? {} : { doneAt: stringOr(doneAt, '') }),
        ...(typeof held === 'string' ? { held } : {}),
      };
      return [[moduleId, known]];
    }),
  );
}

function readGivenUp(stored: unknown): HubDocument['givenUp'] {
  if (!Array.isArray(stored)) return undefined;
  return stored.flatMap((one) => {
    const { deviceId, moduleId, reason, at, ...more } = membersOf(one);
    if (typeof deviceId !== 'string' || typeof moduleId !== 'string') return [];
    const why = typeof reason === 'string' ? { reason } : {};
    return [{ ...more, deviceId, moduleId, ...why, at: stringOr(at, '') }];
  });
}

function readBrokenSlices(stored: unknown): HubDocument['brokenSlices'] {
  const { runId, checkpointAt, begun, ...more } = membersOf(stored);
  if (typeof runId !== 'string') return undefined;
  return { ...more, runId, checkpointAt: stringOr(checkpointAt, null), begun: countOr(begun, 0) };
}
