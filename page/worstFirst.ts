import type { HubStatus } from '../shared/api/statusSchemas.ts';
import { hubFindings, type Level, rankOf } from '../shared/status/hubFindings.ts';
import { sum } from './format.ts';

/** The state of a hub. */
export interface Verdict {
  level: Level;
  /** The state in two or three words. */
  label: string;
}

/** The hubs with their verdicts, the worst first; of the same kind, the one that lacks the most modules. */
export function worstFirst(hubs: readonly HubStatus[], nowMs: number): { hub: HubStatus; verdict: Verdict }[] {
  const lacks = ({ coverage }: HubStatus) =>
    coverage ? coverage.counts.missing * 1e9 + sum(coverage.counts.blocked) : 0;
  return hubs
    .map((hub) => {
      const [worst] = hubFindings(hub, nowMs);
      const verdict: Verdict = worst ?? { level: 'ok', label: 'Covered' };
      return { hub, verdict, rank: rankOf(worst) };
    })
    .toSorted(
      (one, other) =>
        one.rank - other.rank ||
        lacks(other.hub) - lacks(one.hub) ||
        (one.hub.hub ?? '').localeCompare(other.hub.hub ?? ''),
    )
    .map(({ hub, verdict }) => ({ hub, verdict }));
}
