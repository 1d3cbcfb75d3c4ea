import type { HubStatus } from '../shared/api/statusSchemas.ts';
import { sum } from './format.ts';

/** How urgent a hub is: `bad` needs somebody now, `warn` in the day. */
export type Level = 'bad' | 'warn' | 'idle' | 'ok';

export interface Verdict {
  level: Level;
  /** In two or three words. */
  label: string;
}

const soonMs = 30 * 24 * 3600 * 1000;
const order: readonly Level[] = ['bad', 'warn', 'idle', 'ok'];

/** What is the worst about a hub. */
function judge(hub: HubStatus, nowMs: number): Verdict {
  const { coverage, runs } = hub;
  const last = runs.find(({ dryRun, status }) => !dryRun && status !== 'cancelled');
  const ended = coverage && coverage.counts.missing + sum(coverage.counts.blocked);
  if (hub.outOfService) return { level: 'bad', label: 'Out of service' };
  if (hub.refusedSince !== null) return { level: 'bad', label: 'Refuses the app' };
  if (hub.outage) return { level: 'bad', label: 'Hub outage' };
  if (hub.fullSince !== null) return { level: 'bad', label: 'Nearly full' };
  if (last?.status === 'failed') return { level: 'bad', label: 'Sweep failed' };
  if (coverage && coverage.counts.missing > 0) return { level: 'bad', label: 'Modules missing' };
  if (hub.unknown.length > 0) return { level: 'warn', label: 'Partly unknown' };
  if (hub.full && Date.parse(hub.full.on) - nowMs < soonMs) return { level: 'warn', label: 'Full soon' };
  if (ended) return { level: 'warn', label: 'Some blocked' };
  if (hub.givenUp.length > 0) return { level: 'warn', label: 'Devices left' };
  if (coverage?.incomplete) return { level: 'warn', label: 'Listing incomplete' };
  if (hub.paused) return { level: 'idle', label: 'Paused' };
  if (!coverage) return { level: 'idle', label: 'Not swept yet' };
  if (coverage.policyIsCurrent === false) return { level: 'warn', label: 'Older policy' };
  return { level: 'ok', label: 'Covered' };
}

/** The hubs with their verdicts, the worst first; of the same level, the one that lacks the most modules. */
export function worstFirst(hubs: readonly HubStatus[], nowMs: number): { hub: HubStatus; verdict: Verdict }[] {
  const lacks = ({ coverage }: HubStatus) =>
    coverage ? coverage.counts.missing * 1e9 + sum(coverage.counts.blocked) : 0;
  return hubs
    .map((hub) => ({ hub, verdict: judge(hub, nowMs) }))
    .toSorted(
      (one, other) =>
        order.indexOf(one.verdict.level) - order.indexOf(other.verdict.level) ||
        lacks(other.hub) - lacks(one.hub) ||
        (one.hub.hub ?? '').localeCompare(other.hub.hub ?? ''),
    );
}
