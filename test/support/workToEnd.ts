import { readRun } from '../../shared/run/readRuns.ts';
import { isLive, type Run } from '../../shared/run/run.ts';
import { type HubWorkerDeps, workOnHub } from '../../shared/worker/hubWorker.ts';

/** In the time of the worker's clock; far more than any sweep of a test or a benchmark takes. */
const hangMs = 12 * 3600 * 1000;
const comeBackMs = 1_000;

/**
 * Invokes the worker until the run has ended; returns the run as it ended. With a clock that is faster than the machine, the hub may
 * seem to serve nobody for a moment, or a lease may expire: the worker then ends its slice, and works again a second later. Rejects
 * after 12 h of that clock.
 */
export async function workToEnd(deps: HubWorkerDeps, { hub, runId }: Run): Promise<Run> {
  const { clock, documents } = deps;
  const untilMs = clock.elapsedMs() + hangMs;
  for (;;) {
    const hasMore = await workOnHub(deps);
    const run = await readRun(documents, hub, runId);
    if (!run) throw new Error(`no run ${runId}`);
    if (!isLive(run)) return run;
    if (clock.elapsedMs() > untilMs) throw new Error(`The run is still ${run.status}: ${run.waitingFor}`);
    if (!hasMore) await clock.sleep(comeBackMs);
  }
}
