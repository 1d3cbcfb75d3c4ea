import type { HubState, HubStatus } from '../api/statusSchemas.ts';
import type { App } from '../app.ts';
import type { HubConfig, HubOutOfService } from '../config/config.ts';
import type { PolicyInForce } from '../policy/policyInForce.ts';
import type { PolicyStore } from '../policyStore/policyStore.ts';
import { adviceForOutcome } from '../reconcile/adviceForOutcome.ts';
import type { Outcome } from '../reconcile/outcome.ts';
import type { Causes } from '../run/causes.ts';
import { nextOccurrence } from '../run/dueSweep.ts';
import { type HubDocument, readHubDocument } from '../run/hubDocument.ts';
import { readRun } from '../run/readRuns.ts';
import { type RunBrief, readRecentRuns } from '../run/recentRuns.ts';
import { isLive, newRun, type Run, type RunRef } from '../run/run.ts';
import { runView } from '../run/runView.ts';
import { withWaitingFor } from '../run/whyQueued.ts';
import type { DocumentView } from '../storage/cachedDocuments.ts';
import { storageErrorFields } from '../storage/storageStatus.ts';
import type { Log } from '../telemetry/log.ts';
import { budgetOf, coverageFrom, documentParts, waitingFor } from './hubDocumentView.ts';
import { whyUnreadable } from './whyUnreadable.ts';

/** What the status of hubs is read from: stored documents and queue counts, never a hub. */
export type StatusDeps = Pick<
  App,
  'config' | 'hubs' | 'cachedLeases' | 'pending' | 'clock' | 'schedule' | 'isSweepDisabled'
> & { documents: DocumentView; policies: Pick<PolicyStore, 'standing'>; log: Log };

type Unknown = HubState['unknown'];

/** A hub whose settings have problems. Nothing is read for it. */
export function outOfServiceStatus({ name, problems }: HubOutOfService): HubStatus {
  return { ...emptyStatus(name ?? null), outOfService: problems.map(({ setting, message }) => ({ setting, message })) };
}

/** A hub of which nothing could be read in time. */
export function unreadStatus({ name, hostName, paused }: HubConfig, error: unknown): HubStatus {
  return { ...emptyStatus(name), hostName, paused, unknown: [{ what: 'state of the hub', why: whyUnreadable(error) }] };
}

/**
 * The state of one hub. A part that cannot be read is null, and `unknown` names it with the reason, so that one damaged document
 * hides no other part; `onFailure` gets the error. Makes three to six calls to storage.
 */
export async function readHubStatus(
  deps: StatusDeps,
  hub: HubConfig,
  { policy, onFailure }: { policy: PolicyInForce | undefined; onFailure: (error: unknown) => void },
): Promise<HubStatus> {
  const unknown: Unknown = [];
  const orUnknown = async <T>(what: string, reading: Promise<T>): Promise<T | undefined> => {
    try {
      return await reading;
    } catch (error) {
      onFailure(error);
      unknown.push({ what, why: whyUnreadable(error) });
      deps.log.warn('A part of the status of a hub could not be read', {
        hub: hub.name,
        what,
        ...storageErrorFields(error),
      });
      return undefined;
    }
  };
  const { documents, pending, clock } = deps;
  const [document, runs, pendingCount] = await Promise.all([
    orUnknown(`hubs/${hub.name}.json`, readHubDocument(documents, hub.name)),
    orUnknown(`recent/${hub.name}.json`, readRecentRuns(documents, hub.name)),
    orUnknown(`pending-${hub.name}`, pending.approximateCount(hub.name)),
  ]);
  const ofRun = <T>(runId: string | undefined, reading: Promise<T>) =>
    orUnknown(`runs/${hub.name}/${runId}.json`, reading);
  const { activeRun, queuedRun } = document ?? {};
  const [live, queued] = await Promise.all([
    ofRun(activeRun?.runId, liveRunOf(deps, hub.name, activeRun, document ?? {})),
    ofRun(queuedRun?.runId, liveRunOf(deps, hub.name, queuedRun, document ?? {})),
  ]);
  const { hub: name, ...empty } = emptyStatus(hub.name);
  const nowMs = clock.now();
  return {
    hub: name,
    ...empty,
    hostName: hub.hostName,
    paused: hub.paused,
    unknown,
    ...(document ? documentParts(document, runs ?? [], policy?.policy ?? [], nowMs) : {}),
    coverage: coverageFrom(document ?? {}, runs, policy?.fingerprint),
    nextSweep: await nextSweepOf(deps, hub),
    liveRun: live ? runView(live) : null,
    queuedRun: queued ? runView(queued) : null,
    waitingFor: waitingFor(hub, document, live),
    pending: pendingCount ?? null,
    budget: budgetOf(hub, document, nowMs),
    runs: runs ?? [],
    failures: failuresOf(live ?? undefined, runs ?? []),
  };
}

function emptyStatus(hub: string | null): HubStatus {
  return {
    ...{ hub, hostName: null, paused: false, outOfService: null, unknown: [] },
    ...{ coverage: null, lastFinishedSweep: null, nextSweep: null, liveRun: null, queuedRun: null, waitingFor: null },
    ...{ pending: null, outage: null, refusedSince: null, fullSince: null, headroom: null, full: null, rollouts: [] },
    ...{ givenUp: [], health: null, budget: null, runs: [], failures: null },
  };
}

/** The run that the hub document names, if it is live; its own document may not be written yet. */
async function liveRunOf(
  deps: StatusDeps,
  hub: string,
  ref: RunRef | undefined,
  document: HubDocument,
): Promise<Run | null> {
  if (!ref) return null;
  const run = (await readRun(deps.documents, hub, ref.runId)) ?? newRun(hub, ref);
  return isLive(run) ? withWaitingFor(deps, run, document) : null;
}

async function nextSweepOf({ schedule, isSweepDisabled, clock }: StatusDeps, { paused }: HubConfig) {
  const nextMs = paused || isSweepDisabled ? undefined : await nextOccurrence(schedule, clock.now());
  return nextMs === undefined ? null : new Date(nextMs).toISOString();
}

/** What failed in the latest sweep: the live one, as soon as it has begun, else the newest ended one that had begun. */
function failuresOf(live: Run | undefined, runs: readonly RunBrief[]): HubStatus['failures'] {
  const latest = [...(live ? [live] : []), ...runs].find(
    ({ dryRun, startedAt, startedBy }) => !dryRun && startedAt !== null && startedBy !== 'undo',
  );
  if (!latest) return null;
  const causes = causesOf(latest.causes);
  return { runId: latest.runId, total: causes.reduce((sum, cause) => sum + cause.count, 0), causes };
}

/** The causes of a run with what to do about each, the most frequent first. */
function causesOf(causes: Causes): { outcome: Outcome; reason: string; count: number; advice: string }[] {
  return Object.entries(causes)
    .flatMap(([name, byReason]) =>
      Object.entries(byReason).map(([reason, count]) => {
        const outcome = name as Outcome;
        return { outcome, reason, count, advice: adviceForOutcome(outcome, reason) };
      }),
    )
    .toSorted((one, other) => other.count - one.count);
}
