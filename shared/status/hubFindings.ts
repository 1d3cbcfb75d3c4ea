import type { HubStatus } from '../api/statusSchemas.ts';
import { totalOf } from '../run/counts.ts';

/** How urgent a finding is. `bad`: an operator must act now; `warn`: within the day; `idle`: no action is needed yet; `ok`: none. */
export type Level = 'bad' | 'warn' | 'idle' | 'ok';

/** Something about a hub that an operator should know. */
export interface Finding {
  kind: FindingKind;
  level: Level;
  /** In two or three words. */
  label: string;
  /** What to do about it, as sentences. */
  whatToDo: string;
}

/** The kinds, the worst first: what stops all work on a hub goes before what concerns some of its devices. */
const kinds = {
  outOfService: {
    level: 'bad',
    label: 'Out of service',
    whyOf: ({ outOfService }) =>
      outOfService &&
      'Correct the settings of the hub; outOfService says what to write. Nothing is done for it until then.',
  },
  refused: {
    level: 'bad',
    label: 'Refuses the app',
    whyOf: ({ refusedSince, waitingFor, runs }) =>
      refusedSince &&
      `The hub has refused the app since ${refusedSince}. ${waitingFor ?? lastSweep(runs)?.reason ?? 'Check its key or the roles of the app.'}`,
  },
  outage: {
    level: 'bad',
    label: 'Hub outage',
    whyOf: ({ outage }) => outage && `The hub has served no call since ${outage.since}. ${outage.reason}`,
  },
  full: {
    level: 'bad',
    label: 'Nearly full',
    whyOf: ({ fullSince }) =>
      fullSince &&
      `Only the reserved headroom has remained since ${fullSince}, so no module is created: remove identities, or use another hub.`,
  },
  sweepFailed: {
    level: 'bad',
    label: 'Sweep failed',
    whyOf: ({ runs }) => {
      const run = lastSweep(runs);
      return run?.status === 'failed' ? `The last sweep failed. ${run.reason ?? 'Start another one.'}` : undefined;
    },
  },
  missing: {
    level: 'bad',
    label: 'Modules missing',
    whyOf: ({ coverage }) =>
      (coverage?.counts.missing ?? 0) > 0 &&
      'Some devices lack a module; the failures of the last run say for each cause what to do.',
  },
  unknown: {
    level: 'warn',
    label: 'Partly unknown',
    whyOf: ({ unknown }) =>
      unknown.length > 0 && 'A part of its state could not be read; unknown says why. Ask again in a minute.',
  },
  fullSoon: {
    level: 'warn',
    label: 'Full soon',
    whyOf: ({ full }, nowMs) =>
      full &&
      Date.parse(full.on) - nowMs < soonMs &&
      `At this pace the hub is full on ${full.on}: remove identities, or plan another hub.`,
  },
  rolloutHeld: {
    level: 'warn',
    label: 'Rollout held',
    whyOf: ({ rollouts }) =>
      rollouts
        .flatMap(({ moduleId, wave, waves, held }) =>
          held === null ? [] : [`The rollout of ${moduleId} stands at wave ${wave} of ${waves}. ${held}`],
        )
        .join(' '),
  },
  blocked: {
    level: 'warn',
    label: 'Some blocked',
    whyOf: ({ coverage }) =>
      totalOf(coverage?.counts.blocked ?? {}) > 0 &&
      'Some devices lack a module; the failures of the last run say for each cause what to do.',
  },
  givenUp: {
    level: 'warn',
    label: 'Devices left',
    whyOf: ({ givenUp }) =>
      givenUp.length > 0 &&
      'New devices failed although the hub served others; givenUp names them. The next sweep tries again.',
  },
  incomplete: {
    level: 'warn',
    label: 'Listing incomplete',
    whyOf: ({ coverage }) =>
      coverage?.incomplete &&
      'The last sweep did not see all devices, so its coverage is not known; start another one.',
  },
  undone: {
    level: 'warn',
    label: 'Undone since',
    whyOf: ({ coverage }) =>
      coverage?.undoneBy &&
      `Undo ${coverage.undoneBy} creates modules that the last sweep counted as removed. Correct the policy if they should stay, then start a sweep.`,
  },
  olderPolicy: {
    level: 'warn',
    label: 'Older policy',
    whyOf: ({ coverage }) =>
      coverage?.policyIsCurrent === false &&
      'The policy has changed since the last sweep; wait for the next one, or start one.',
  },
  paused: {
    level: 'idle',
    label: 'Paused',
    whyOf: ({ paused }) =>
      paused && 'Remove `paused` from the settings of the hub when the keeper should create its modules again.',
  },
  notSwept: {
    level: 'idle',
    label: 'Not swept yet',
    whyOf: ({ coverage, liveRun }) =>
      coverage === null &&
      (liveRun
        ? 'No sweep has finished yet, and a run is in progress; ask again when it has ended.'
        : 'No sweep has finished yet; start one, or wait for the next one.'),
  },
} satisfies Record<string, Kind>;

/** What a finding is about. */
export type FindingKind = keyof typeof kinds;

/** `whyOf`: the text that says what to do if the finding applies; any other value if it does not. */
interface Kind {
  level: Level;
  label: string;
  whyOf(hub: HubStatus, nowMs: number): string | false | null | undefined;
}

const soonMs = 30 * 24 * 3600 * 1000;

/** The findings about a hub at `nowMs` (milliseconds since 1970), the worst first; empty if nothing needs attention. */
export function hubFindings(hub: HubStatus, nowMs: number): Finding[] {
  return Object.entries<Kind>(kinds).flatMap(([kind, { level, label, whyOf }]) => {
    const whatToDo = whyOf(hub, nowMs);
    return whatToDo ? [{ kind: kind as FindingKind, level, label, whatToDo }] : [];
  });
}

/** The rank of a finding by its kind: 0 for the worst kind; without a finding, the rank after the last kind. */
export function rankOf(finding: Finding | undefined): number {
  const order = Object.keys(kinds);
  return finding ? order.indexOf(finding.kind) : order.length;
}

function lastSweep(runs: HubStatus['runs']): HubStatus['runs'][number] | undefined {
  return runs.find(({ dryRun, status, startedBy }) => !dryRun && status !== 'cancelled' && startedBy !== 'undo');
}
