import { isLive, type Run, runPath } from '../../shared/run/run.ts';
import type { WorkerBench } from './workerBench.ts';

/** The timer of `watchHubs`. */
const watchEveryMs = 300_000;
/** The visibility timeout of a wake-up whose invocation failed (host.json). */
const redeliveredAfterMs = 60_000;
/** After this number of failures the host moves a message to the poison queue (`maxDequeueCount` in host.json). */
const maxDeliveries = 5;

export interface DrivenRun {
  run: Run;
  /** Every value of `waitingFor` in the run document, in order, without repetitions. */
  waitedFor: string[];
  tookMs: number;
}

/** Invokes the worker as the host, the queue and the timer do, until the run has ended. Throws after `limitMs`. */
export async function driveRun(bench: WorkerBench, runId: string, limitMs = 48 * 3600_000): Promise<DrivenRun> {
  const { clock } = bench;
  const waitedFor = recordWaiting(bench, runId);
  const startedMs = clock.elapsedMs();
  let watchAtMs = startedMs + watchEveryMs;
  let deliveries = 1;
  for (let run = await bench.run(runId); isLive(run); run = await bench.run(runId)) {
    if (clock.elapsedMs() - startedMs > limitMs)
      throw new Error(`the run is still ${run.status}, waiting for ${run.waitingFor}`);
    if (deliveries > 0) {
      try {
        deliveries = (await bench.slice()) ? 1 : 0;
      } catch (error) {
        if (!bench.storageIsDown() && deliveries === maxDeliveries) throw error;
        deliveries = deliveries === maxDeliveries ? 0 : deliveries + 1;
        await clock.advance(redeliveredAfterMs);
      }
      continue;
    }
    const wakeUpAtMs = bench.wakeUps.take()?.dueMs;
    if (wakeUpAtMs !== undefined && wakeUpAtMs <= watchAtMs) {
      await clock.advance(Math.max(0, wakeUpAtMs - clock.elapsedMs()));
      deliveries = 1;
    } else {
      await clock.advance(Math.max(0, watchAtMs - clock.elapsedMs()));
      watchAtMs = clock.elapsedMs() + watchEveryMs;
      if (!bench.storageIsDown()) await clock.run(bench.watch());
    }
  }
  return { run: await bench.run(runId), waitedFor, tookMs: clock.elapsedMs() - startedMs };
}

function recordWaiting({ documents, config }: WorkerBench, runId: string): string[] {
  const seen: string[] = [];
  const write = documents.write.bind(documents);
  documents.write = async (path, value, etag) => {
    const waitingFor = path === runPath(config.name, runId) ? (value as Run).waitingFor : null;
    if (waitingFor !== null && seen.at(-1) !== waitingFor) seen.push(waitingFor);
    return write(path, value, etag);
  };
  return seen;
}
