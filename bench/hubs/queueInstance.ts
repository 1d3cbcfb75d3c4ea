import type { Clock } from '../../shared/clock.ts';
import { workOnHub } from '../../shared/worker/hubWorker.ts';
import type { MemoryWakeUps } from '../../test/support/memoryStorage.ts';
import type { WorkerBench } from '../../test/support/workerBench.ts';

/** `visibilityTimeout` of host.json: time until a message whose invocation failed is received again. */
const retryAfterMs = 60_000;

/** The queue settings of host.json that decide how many invocations run side by side. */
export interface FetchRule {
  batchSize: number;
  newBatchThreshold: number;
}

/** One instance of the app: fetches wake-ups by the host's rule, and runs a slice for each. */
export class QueueInstance {
  invocations = 0;
  failures = 0;
  private running = 0;
  private readonly queue: MemoryWakeUps;
  private readonly hubs: ReadonlyMap<string, WorkerBench>;
  private readonly clock: Clock;
  private readonly rule: FetchRule;

  constructor(hubs: ReadonlyMap<string, WorkerBench>, queue: MemoryWakeUps, clock: Clock, rule: FetchRule) {
    this.hubs = hubs;
    this.queue = queue;
    this.clock = clock;
    this.rule = rule;
  }

  /** Fetches batches while at most `newBatchThreshold` invocations run, and starts an invocation for each message. */
  poll(): void {
    while (this.running <= this.rule.newBatchThreshold) {
      const batch: string[] = [];
      while (batch.length < this.rule.batchSize) {
        const message = this.queue.take(this.clock.now());
        if (!message) break;
        batch.push(message.hub);
      }
      if (batch.length === 0) return;
      for (const hub of batch) void this.invoke(hub);
    }
  }

  private async invoke(hub: string): Promise<void> {
    const bench = this.hubs.get(hub);
    if (!bench) throw new Error(`no hub ${hub}`);
    this.invocations += 1;
    this.running += 1;
    try {
      if (await workOnHub(bench.deps)) await this.queue.send(hub, 0);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.failures += 1;
      await this.queue.send(hub, retryAfterMs);
    } finally {
      this.running -= 1;
    }
  }
}
