import type { ModuleOutcome } from '../reconcile/outcome.ts';
import { countOutcomes } from '../reconcile/recordOutcomes.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Run } from './run.ts';

/** Records in `keeper.run_seconds` how long an ended run took, since its start or, if it never started, since its request. */
export function recordRunEnded(telemetry: Telemetry, run: Run): void {
  const { hub, status, dryRun, startedAt, requestedAt, finishedAt } = run;
  const ranMs = Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? requestedAt);
  if (Number.isNaN(ranMs)) return;
  telemetry.record('keeper.run_seconds', Math.max(0, ranMs) / 1000, { hub, status, dryRun });
}

/** Counts outcomes of a run's pairs in `keeper.outcomes`; not for a dry run, whose outcomes are predictions. */
export function recordSweepOutcomes(
  telemetry: Telemetry,
  { hub, dryRun }: Pick<Run, 'hub' | 'dryRun'>,
  outcomes: readonly ModuleOutcome[],
): void {
  if (!dryRun) countOutcomes(telemetry, { hub, path: 'sweep' }, outcomes);
}
