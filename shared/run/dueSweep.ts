import { readHubDocument, updateHubDocument } from './hubDocument.ts';
import { type RunStores, startScheduledRun } from './runStore.ts';

/**
 * How long after its time the watch starts a sweep that `nightlySweep` has not started: the timer starts late after its host died
 * (60 s, measured in host 4.1037), and tries again each minute after a failure.
 */
const graceMs = 4 * 60_000;
/** A timer may fire this early; its sweep then belongs to the time that follows. */
const earlyMs = 5_000;

/** The last value of each field of an NCRONTAB expression, seconds first. */
const lastValues = [59, 59, 23, 31, 12, 6];

/**
 * Returns the last time at or before `atMs` at which the schedule occurs, in ms since 1970; undefined if there is none that
 * croner finds. `schedule` is an NCRONTAB expression that `ncrontabProblem` accepts, in UTC.
 */
export async function lastOccurrence(schedule: string, atMs: number): Promise<number | undefined> {
  const cron = await cronOf(schedule);
  return cron.previousRuns(1, new Date(atMs + 1))[0]?.getTime(); // croner does not return the given moment
}

/** Returns the first time after `atMs` at which the schedule occurs; see `lastOccurrence`. */
export async function nextOccurrence(schedule: string, atMs: number): Promise<number | undefined> {
  return (await cronOf(schedule)).nextRun(new Date(atMs))?.getTime();
}

async function cronOf(schedule: string) {
  const { Cron } = await import('croner'); // loaded late, because the start of the app does not need it
  const fields = schedule.split(' ').filter((field) => field !== '');
  const expression = fields.map((field, index) => cronField(field, lastValues[index] ?? 0)).join(' ');
  return new Cron(expression, { mode: '6-part', timezone: 'Etc/UTC', domAndDow: true, paused: true });
}

/** What NCRONTAB allows and croner does not: `n/s` up to the last value, and names of more than three letters. */
function cronField(field: string, last: number): string {
  return field
    .replace(/[a-z]{4,}/gi, (name) => name.slice(0, 3))
    .replace(/(^|,)(\w+)\//g, (_all, before, first) => `${before}${first}-${last}/`);
}

/** A hub and the schedule by which it is swept. */
export interface ScheduledHub {
  hub: string;
  schedule: string;
}

/** Notes that the sweeps of the hub that were due by now have been started, or were left out on purpose. */
export async function markSchedule(
  { documents, clock }: Pick<RunStores, 'documents' | 'clock'>,
  { hub, schedule }: ScheduledHub,
): Promise<void> {
  const scheduledThrough = new Date(clock.now() + earlyMs).toISOString();
  await updateHubDocument(documents, hub, (document) => ({ ...document, scheduledThrough, scheduledBy: schedule }));
}

/**
 * The time of the last sweep, at or before `atMs`, that was due by the schedule and has not been started; undefined if none is
 * owed. With a schedule that is new to the hub no sweep is owed: the first call only stores the mark.
 */
async function owedSince(
  stores: RunStores,
  { hub, schedule }: ScheduledHub,
  atMs: number,
): Promise<number | undefined> {
  const { scheduledThrough, scheduledBy } = await readHubDocument(stores.documents, hub);
  if (scheduledThrough === undefined || scheduledBy !== schedule) {
    await markSchedule(stores, { hub, schedule });
    return undefined;
  }
  const dueMs = await lastOccurrence(schedule, atMs);
  return dueMs !== undefined && dueMs > Date.parse(scheduledThrough) ? dueMs : undefined;
}

/** Whether an earlier try of `nightlySweep` has already started the sweep that is due now. Throws what storage throws. */
export async function isStarted(stores: RunStores, scheduled: ScheduledHub): Promise<boolean> {
  const { scheduledThrough, scheduledBy } = await readHubDocument(stores.documents, scheduled.hub);
  const dueMs = await lastOccurrence(scheduled.schedule, stores.clock.now() + earlyMs);
  if (scheduledBy !== scheduled.schedule || dueMs === undefined) return false;
  return Date.parse(scheduledThrough ?? '') >= dueMs;
}

/**
 * Starts the sweep that the schedule owes the hub, calls `wake`, and returns the id of the run and when the sweep was due. Undefined
 * if no sweep is owed, if `isDisabled` (the sweep is then left out), or while an undo is live. The schedule is marked last, so that
 * after a failure the next round of the watch repeats all of this. Throws what storage and `wake` throw.
 */
export async function startOwedSweep(
  stores: RunStores,
  { isDisabled, wake, ...scheduled }: ScheduledHub & { isDisabled: boolean; wake: () => Promise<void> },
): Promise<{ runId: string; dueMs: number } | undefined> {
  const dueMs = await owedSince(stores, scheduled, stores.clock.now() - graceMs);
  if (dueMs === undefined) return undefined;
  if (isDisabled) {
    await markSchedule(stores, scheduled);
    return undefined;
  }
  const started = await startScheduledRun(stores, scheduled.hub, 'watch');
  if (!started) return undefined; // the next round of the watch tries again
  await wake();
  await markSchedule(stores, scheduled);
  return { runId: started.run.runId, dueMs };
}
