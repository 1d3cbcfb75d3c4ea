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

/** What can be wrong with a hub, the worst first: what stops all work on it goes before what concerns some of its devices. */
const findings: readonly (Verdict & { isSo: (hub: HubStatus, nowMs: number) => boolean })[] = [
  { level: 'bad', label: 'Out of service', isSo: (hub) => hub.outOfService !== null },
  { level: 'bad', label: 'Refuses the app', isSo: (hub) => hub.refusedSince !== null },
  { level: 'bad', label: 'Hub outage', isSo: (hub) => hub.outage !== null },
  { level: 'bad', label: 'Nearly full', isSo: (hub) => hub.fullSince !== null },
  { level: 'bad', label: 'Sweep failed', isSo: ({ runs }) => lastSweep(runs)?.status === 'failed' },
  { level: 'bad', label: 'Modules missing', isSo: ({ coverage }) => (coverage?.counts.missing ?? 0) > 0 },
  { level: 'warn', label: 'Partly unknown', isSo: (hub) => hub.unknown.length > 0 },
  {
    level: 'warn',
    label: 'Full soon',
    isSo: ({ full }, nowMs) => full !== null && Date.parse(full.on) - nowMs < soonMs,
  },
  { level: 'warn', label: 'Some blocked', isSo: ({ coverage }) => sum(coverage?.counts.blocked ?? {}) > 0 },
  { level: 'warn', label: 'Devices left', isSo: (hub) => hub.givenUp.length > 0 },
  { level: 'warn', label: 'Listing incomplete', isSo: ({ coverage }) => coverage?.incomplete === true },
  { level: 'warn', label: 'Older policy', isSo: ({ coverage }) => coverage?.policyIsCurrent === false },
  { level: 'idle', label: 'Paused', isSo: (hub) => hub.paused },
  { level: 'idle', label: 'Not swept yet', isSo: (hub) => hub.coverage === null },
];

function lastSweep(runs: HubStatus['runs']): HubStatus['runs'][number] | undefined {
  return runs.find(({ dryRun, status }) => !dryRun && status !== 'cancelled');
}

/** The hubs with their verdicts, the worst first; of the same kind, the one that lacks the most modules. */
export function worstFirst(hubs: readonly HubStatus[], nowMs: number): { hub: HubStatus; verdict: Verdict }[] {
  const lacks = ({ coverage }: HubStatus) =>
    coverage ? coverage.counts.missing * 1e9 + sum(coverage.counts.blocked) : 0;
  return hubs
    .map((hub) => {
      const found = findings.findIndex(({ isSo }) => isSo(hub, nowMs));
      const { level, label } = findings[found] ?? { level: 'ok', label: 'Covered' };
      return { hub, verdict: { level, label }, rank: found === -1 ? findings.length : found };
    })
    .toSorted(
      (one, other) =>
        one.rank - other.rank ||
        lacks(other.hub) - lacks(one.hub) ||
        (one.hub.hub ?? '').localeCompare(other.hub.hub ?? ''),
    )
    .map(({ hub, verdict }) => ({ hub, verdict }));
}
