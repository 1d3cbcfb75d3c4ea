import type { HubState } from '../api/statusSchemas.ts';
import type { HubConfig } from '../config/config.ts';
import { grantedPerMinute, operationClasses } from '../hub/hubBudgets.ts';
import { SpendingWindow } from '../hub/spendingWindow.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { type RolloutStates, stateOf } from '../policy/rollout.ts';
import { coverageOf, coveragePairs } from '../run/counts.ts';
import type { HubDocument } from '../run/hubDocument.ts';
import type { RunBrief } from '../run/recentRuns.ts';
import type { Run } from '../run/run.ts';
import { whenFull } from './whenFull.ts';

// What a hub document says to an operator.

/** The parts of the status that follow from the hub document, its recent runs and the policy. */
export function documentParts(document: HubDocument, runs: readonly RunBrief[], policy: Policy, nowMs: number) {
  const { lastFinishedSweep: last, outage, refusedSince, fullSince, headroom, givenUp = [] } = document;
  return {
    lastFinishedSweep: last ? { runId: last.runId, finishedAt: last.finishedAt } : null,
    outage: outage
      ? { since: outage.since, slices: outage.slices, reason: outage.reason, comeBackAt: outage.comeBackAt ?? null }
      : null,
    refusedSince: refusedSince ?? null,
    fullSince: fullSince ?? null,
    headroom: headroom ? { places: headroom.places, countedAt: headroom.countedAt } : null,
    full: whenFull(document, runs, createdModules(policy), nowMs),
    rollouts: rolloutsOf(policy, document.rollouts),
    health: last?.health ?? null,
    givenUp: givenUp.map(({ deviceId, moduleId, reason, at }) => ({ deviceId, moduleId, reason: reason ?? null, at })),
  };
}

function rolloutsOf(policy: Policy, states: RolloutStates | undefined): HubState['rollouts'] {
  return policy.flatMap((spec) => {
    const { moduleId, rollout } = spec;
    if (!rollout) return [];
    const { wave, doneAt, held } = stateOf(spec, states);
    return [{ moduleId, wave: wave + 1, waves: rollout.waves.length + 1, doneAt: doneAt ?? null, held: held ?? null }];
  });
}

/** What the last finished sweep of the hub found; null if there is none. `fingerprint`: of the policy that is in force now. */
export function coverageFrom(
  { lastFinishedSweep: last, undoSinceSweep }: HubDocument,
  runs: readonly RunBrief[] | undefined,
  fingerprint: string | undefined,
): HubState['coverage'] {
  if (!last) return null;
  const { runId, finishedAt, counts, incomplete = false } = last;
  const { covered, missing } = coveragePairs(counts);
  const { devices, selected, excluded, blocked, gone } = counts;
  const policy = runs?.find((run) => run.runId === runId)?.policy;
  return {
    asOf: finishedAt,
    runId,
    share: incomplete ? null : (coverageOf(counts) ?? null),
    incomplete,
    policyIsCurrent:
      fingerprint === undefined || policy === undefined || policy === null ? null : policy === fingerprint,
    undoneBy: undoSinceSweep ?? null,
    counts: { devices, selected, withModule: covered, missing, gone, excluded, blocked },
  };
}

/** Why the work on the hub waits, and what to do; null if it does not wait. `live`: the live run of the hub. */
export function waitingFor(
  hub: HubConfig,
  document: HubDocument | undefined,
  live: Run | null | undefined,
): string | null {
  if (hub.paused) return 'The hub is paused in the settings.';
  const { outage, refusedSince, fullSince } = document ?? {};
  if (live?.waitingFor) return live.waitingFor;
  if (outage) return `The hub has served no call since ${outage.since}. ${outage.reason}`;
  if (refusedSince !== undefined) {
    return `The hub has refused the app since ${refusedSince}; the reason of its last run says which key or role is missing.`;
  }
  if (fullSince === undefined) return null;
  return `The hub has been nearly full since ${fullSince}: only the reserved headroom remains. Remove identities or use another hub.`;
}

/** The budget of each operation class: the granted rate, the rate learned from throttling, and the operations spent. */
export function budgetOf(hub: HubConfig, document: HubDocument | undefined, nowMs: number): HubState['budget'] {
  return Object.fromEntries(
    operationClasses.map((operation) => {
      const spending = document?.spending?.[operation];
      return [
        operation,
        {
          grantedPerMinute: grantedPerMinute(hub, operation),
          learnedPerMinute: document?.learnedRates?.[operation] ?? null,
          usedLastMinute: spending ? new SpendingWindow(spending.lastMinute, nowMs).total(nowMs) : null,
        },
      ];
    }),
  );
}

/** How many modules a new device gets. */
function createdModules(policy: Policy): number {
  return policy.filter(({ ensure }) => ensure === 'present').length;
}
