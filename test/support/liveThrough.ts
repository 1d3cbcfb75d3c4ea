import { isLive, type Run, runPath } from '../../shared/run/run.ts';
import type { WorkerBench } from './workerBench.ts';

/** The timer of `watchHubs`, and the visibility timeout of a ring whose worker threw (host.json). */
const watchEveryMs = 300_000;
const redeliveredAfterMs = 60_000;
/** After so many failures in a row the host puts a message away (host.json's maxDequeueCount). */
const maxDeliveries = 5;

export interface Life {
  run: Run;
  /** Everything that the run's record was seen to wait for, in order, without repeats in a row. */
  waitedFor: string[];
  tookMs: number;
}

/** Lives as the host, the queue and the timer make the worker live, until the run has ended. Fails after `limitMs`. */
export async function liveThrough(bench: WorkerBench, runId: string, limitMs = 48 * 3600_000): Promise<Life> {
  const { clock } = bench;
  const waitedFor = noteWaiting(bench, runId);
  const startedAtMs = clock.now();
  let watchAtMs = startedAtMs + watchEveryMs;
  let deliveries = 1;
  for (let run = await bench.run(runId); isLive(run); run = await bench.run(runId)) {
    if (clock.now() - startedAtMs > limitMs) throw new Error(`still ${run.status}, waiting for ${run.waitingFor}`);
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
    const wakeUpAtMs = takeEarliestWakeUp(bench);
    if (wakeUpAtMs !== undefined && wakeUpAtMs <= watchAtMs) {
      await clock.advance(Math.max(0, wakeUpAtMs - clock.now()));
      deliveries = 1;
    } else {
      await clock.advance(Math.max(0, watchAtMs - clock.now()));
      watchAtMs = clock.now() + watchEveryMs;
      if (!bench.storageIsDown()) await clock.run(bench.watch());
    }
  }
  return { run: await bench.run(runId), waitedFor, tookMs: clock.now() - startedAtMs };
}

function takeEarliestWakeUp({ wakeUps }: WorkerBench): number | undefined {
  const [first] = wakeUps.sent.sort((one, other) => one.dueMs - other.dueMs);
  if (first) wakeUps.sent.shift();
  return first?.dueMs;
}

function noteWaiting({ documents, config }: WorkerBench, runId: string): string[] {
  const seen: string[] = [];
  const write = documents.write.bind(documents);
  documents.write = async (path, value, etag) => {
    const waitingFor = path === runPath(config.name, runId) ? (value as Run).waitingFor : null;
    if (waitingFor !== null && seen.at(-1) !== waitingFor) seen.push(waitingFor);
    return write(path, value, etag);
  };
  return seen;
}
