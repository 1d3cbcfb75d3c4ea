import type { RunAnswer as Run } from '../../shared/api/runSchemas.ts';
import type { Table } from '../output/table.ts';

/** Runs as a table: a row each. */
export function runTable(runs: readonly Run[]): Table {
  return {
    heads: ['hub', 'run', 'status', 'devices', 'created', 'updated', 'removed', 'unchanged', 'blocked', 'failed'],
    rows: runs.map(({ hub, runId, status, dryRun, undoes, counts }) => [
      hub,
      runId,
      dryRun ? `${status} (dry run)` : undoes ? `${status} (undo)` : status,
      counts.devices,
      counts.created,
      counts.updated,
      counts.removed,
      counts.unchanged,
      total(counts.blocked),
      counts.failed,
    ]),
  };
}

/** The remarks of runs; each is a line. */
export function runRemarks(runs: readonly Run[]): string[] {
  return runs.flatMap(({ hub, reason, waitingFor }) => [
    ...(reason === null ? [] : [`${hub}: ${reason}`]),
    ...(waitingFor === null ? [] : [`${hub} waits: ${waitingFor}`]),
  ]);
}

/** The sum of counts by reason. */
export function total(byReason: Readonly<Record<string, number>>): number {
  return Object.values(byReason).reduce((sum, one) => sum + one, 0);
}
