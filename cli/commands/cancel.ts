import type { RunAnswer as Run, RunPage } from '../../shared/api/runSchemas.ts';
import type { KeeperApi } from '../api/keeperApi.ts';
import { isLive, runPath } from '../api/runs.ts';
import { CliError } from '../cliError.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Answer } from '../output/answer.ts';
import { runRemarks, runTable } from './runTable.ts';

/** Cancels a run, or the live run of a hub. Answers `no` if it had ended before. Throws `CliError`. */
export async function cancel(api: KeeperApi, hub: string, runId: string | undefined): Promise<Answer> {
  const chosen = runId ?? (await liveRunId(api, hub));
  const run = await api.json<Run>('DELETE', runPath(hub, chosen));
  const isCancelled = run.status === 'cancelled';
  return {
    json: run,
    table: runTable([run]),
    remarks: [...(isCancelled ? [] : ['The run had ended before.']), ...runRemarks([run])],
    exitCode: isCancelled ? exitCodes.ok : exitCodes.no,
  };
}

/** The id of the running run, or of the queued run if no run is running. A hub has at most two live runs, its newest ones. */
async function liveRunId(api: KeeperApi, hub: string): Promise<string> {
  const { runs, unknown = [] } = await api.json<RunPage>('GET', `/api/sweeps?${new URLSearchParams({ hub })}`);
  const run = runs.find(({ status }) => status === 'running') ?? runs.find(isLive);
  if (run) return run.runId;
  const [damaged] = unknown;
  if (damaged) throw new CliError(`No live run of hub ${hub} can be read. ${damaged.why}`, exitCodes.unreachable);
  throw new CliError(`Hub ${hub} has no run that could be cancelled.`, exitCodes.no);
}
