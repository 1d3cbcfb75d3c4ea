import { concurrently } from '../concurrently.ts';
import type { DocumentView } from '../storage/cachedDocuments.ts';
import { unlessDamaged } from '../storage/damagedDocument.ts';
import { type Documents, StaleDocumentError } from '../storage/documents.ts';
import { countOr, membersOf, stringOr, timeOr } from '../storage/readMembers.ts';
import { type Causes, readCauses } from './causes.ts';
import { type Counts, readCounts } from './counts.ts';
import { type ExemptionCounts, readExemptions } from './exemptionCounts.ts';
import { listRunIds, readRun } from './readRuns.ts';
import { isLive, type Run } from './run.ts';
import { readStarter } from './runDocument.ts';

// The last runs of a hub in one small document, so that the status of all hubs reads one blob for each hub, not thirty. Where the
// document is missing, it is created again from the run documents.

/** What is kept of an ended run for lists and charts. */
export interface RunBrief
  extends Pick<
    Run,
    'runId' | 'status' | 'dryRun' | 'requestedAt' | 'startedAt' | 'finishedAt' | 'startedBy' | 'reason' | 'policy'
  > {
  counts: Counts;
  causes: Causes;
  /** By state; null if an earlier version of the app wrote it. */
  exemptions: ExemptionCounts | null;
  /** Devices of the hub when the run began; null if it did not count them. */
  devicesAtStart: number | null;
}

/** Folder of these documents. It is not below `hubs/` or `runs/`, because the app lists those folders. */
export const recentFolder = 'recent/';

/** How many ended runs the document keeps: the sweeps of a month. */
export const keptRuns = 30;
const recentVersion = 1;
const maxTries = 10;
const readConcurrency = 16;

/** The last ended runs of a hub, newest first, at most 30. Throws what storage throws. */
export async function readRecentRuns(documents: DocumentView, hub: string): Promise<RunBrief[]> {
  return (await readStored(documents, hub))?.runs ?? endedRuns(documents, hub, []);
}

/**
 * Adds an ended run to the list, or replaces its entry. Call it before the hub document stops naming the run: if the caller
 * crashes in between, the next worker calls it again. A live run changes nothing. Throws what storage throws, and
 * `StaleDocumentError` after ten conflicts.
 */
export async function noteEndedRun(documents: Documents, run: Run): Promise<void> {
  if (isLive(run)) return;
  await updateRecent(documents, run.hub, async (known) =>
    withBrief(known ?? (await endedRuns(documents, run.hub, [])), briefOf(run)),
  );
}

/** Adds the ended runs that the document lacks, such as those that an earlier version of the app ended. Throws as `noteEndedRun`. */
export async function completeRecentRuns(documents: Documents, hub: string): Promise<void> {
  await updateRecent(documents, hub, async (known = []) => {
    const all = await endedRuns(documents, hub, known);
    return all.length === known.length && all.every(({ runId }, index) => runId === known[index]?.runId)
      ? undefined
      : all;
  });
}

function withBrief(known: readonly RunBrief[], brief: RunBrief): RunBrief[] {
  return newest([brief, ...known.filter(({ runId }) => runId !== brief.runId)]);
}

function newest(runs: readonly RunBrief[]): RunBrief[] {
  return runs.toSorted((one, other) => (one.runId < other.runId ? 1 : -1)).slice(0, keptRuns);
}

function briefOf(run: Run): RunBrief {
  const {
    runId,
    status,
    dryRun,
    requestedAt,
    startedAt,
    finishedAt,
    startedBy,
    reason,
    policy,
    counts,
    causes,
    exemptions,
  } = run;
  const times = { requestedAt, startedAt, finishedAt };
  return {
    ...{ runId, status, dryRun, ...times, startedBy, reason, policy, counts, causes, exemptions },
    devicesAtStart: run.preflight?.devices ?? null,
  };
}

/** The newest ended runs: taken from `known` if they are there, otherwise read from their own documents. */
async function endedRuns(documents: DocumentView, hub: string, known: readonly RunBrief[]): Promise<RunBrief[]> {
  const briefs = new Map(known.map((brief) => [brief.runId, brief]));
  const found: RunBrief[] = [];
  // A few more than are kept, since some may be live.
  const runIds = (await listRunIds(documents, hub)).slice(0, keptRuns + 2);
  await concurrently(runIds, readConcurrency, async (runId) => {
    const brief = briefs.get(runId);
    const run = brief ? undefined : await unlessDamaged(readRun(documents, hub, runId));
    if (brief) found.push(brief);
    else if (run && !isLive(run)) found.push(briefOf(run));
  });
  return newest(found);
}

async function updateRecent(
  documents: Documents,
  hub: string,
  change: (runs: RunBrief[] | undefined) => Promise<RunBrief[] | undefined>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const stored = await readStored(documents, hub);
    const runs = await change(stored?.runs);
    if (runs === undefined) return;
    try {
      await documents.write(recentPath(hub), { version: recentVersion, runs }, stored?.etag);
      return;
    } catch (error) {
      if (!(error instanceof StaleDocumentError) || attempt >= maxTries) throw error;
      // The document is not JSON, so its etag is unknown. Removing it loses nothing: it is made again from the run documents.
      if (!stored && !(await readStored(documents, hub))) await documents.remove(recentPath(hub));
    }
  }
}

/** Undefined if there is no document, or one that is not JSON. */
async function readStored(
  documents: Pick<Documents, 'read'>,
  hub: string,
): Promise<{ runs: RunBrief[]; etag: string } | undefined> {
  const stored = await unlessDamaged(documents.read<unknown>(recentPath(hub)));
  return stored && { runs: readBriefs(stored.value), etag: stored.etag };
}

function readBriefs(stored: unknown): RunBrief[] {
  const { runs } = membersOf(stored);
  return newest(Array.isArray(runs) ? runs.flatMap(readBrief) : []);
}

/** Reads one entry; returns an empty list if it has no id or no status. */
function readBrief(stored: unknown): RunBrief[] {
  const value = membersOf(stored);
  const { runId, status } = value;
  if (typeof runId !== 'string' || typeof status !== 'string') return [];
  const { counts } = readCounts(value.counts);
  return [
    {
      ...value,
      runId,
      status: status as Run['status'],
      dryRun: value.dryRun !== false,
      requestedAt: stringOr(value.requestedAt, ''),
      startedAt: timeOr(value.startedAt, null),
      finishedAt: timeOr(value.finishedAt, null),
      startedBy: readStarter(value.startedBy) ?? null,
      reason: stringOr(value.reason, null),
      policy: stringOr(value.policy, null),
      counts,
      causes: readCauses(value.causes, counts),
      exemptions: readExemptions(value.exemptions),
      devicesAtStart: countOr(value.devicesAtStart, null),
    },
  ];
}

function recentPath(hub: string): string {
  return `${recentFolder}${hub}.json`;
}
