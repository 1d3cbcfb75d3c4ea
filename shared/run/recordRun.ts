import type { ModuleOutcome } from '../reconcile/outcome.ts';
import { countOutcomes } from '../reconcile/recordOutcomes.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Run } from './run.ts';

/** Tells how long a run took that has ended just now; one that never began, since it was asked for. */
export function recordRunEnded(telemetry: Telemetry, run: Run): void {
  const { hub, status, dryRun, startedAt, requestedAt, finishedAt } = run;
  const ranMs = Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? requestedAt);
  if (Number.isNaN(ranMs)) return;
  telemetry.record('keeper.run_seconds', Math.max(0, ranMs) / 1000, { hub, status, dryRun });
}

/** Counts outcomes of a run's pairs; what a dry run would do is no outcome. */
export function recordSweepOutcomes(
  telemetry: Telemetry,
  { hub, dryRun }: Pick<Run, 'hub' | 'dryRun'>,
  outcomes: readonly ModuleOutcome[],
): void {
  if (!dryRun) countOutcomes(telemetry, { hub, path: 'sweep' }, outcomes);
}
