import type { Clock } from '../../shared/clock.ts';
import { type HubWorkerDeps, workOnHub } from '../../shared/worker/hubWorker.ts';
import type { MemoryWakeUps, WakeUp } from './memoryStorage.ts';

/** `visibilityTimeout` of host.json: time until a message whose invocation failed is received again. */
const retryAfterMs = 60_000;
/** `maxDequeueCount` of host.json: a message that failed as often is moved to the poison queue. */
const maxDequeueCount = 5;

/** The queue settings of host.json that decide how many invocations run side by side. */
export interface FetchRule {
  batchSize: number;
  newBatchThreshold: number;
}

/** What an instance needs. */
export interface QueueInstanceOptions {
  queue: MemoryWakeUps;
  clock: Clock;
  rule: FetchRule;
  /** What the invocation for a hub gets. */
  depsOf(hub: string): HubWorkerDeps;
  /** Receives the error of each invocation that failed, and whether its process was told to stop. */
  onFailure?(error: unknown, isStopping: boolean): void;
}

/** One instance of the app: fetches wake-ups by the host's rule, and runs a slice for each. */
export class QueueInstance {
  invocations = 0;
  failures = 0;
  private readonly options: QueueInstanceOptions;
  private readonly running = new Set<WakeUp>();
  private isOver = false;

  constructor(options: QueueInstanceOptions) {
    this.options = options;
  }

  /** Number of invocations for the hub that are running. */
  runningFor(hub: string): number {
    return [...this.running].filter((message) => message.hub === hub).length;
  }

  get isIdle(): boolean {
    return this.running.size === 0;
  }

  /** Fetches batches while at most `newBatchThreshold` invocations run, and starts an invocation for each message. */
  poll(): void {
    const { queue, clock, rule } = this.options;
    while (!this.isOver && this.running.size <= rule.newBatchThreshold) {
      const batch: WakeUp[] = [];
      while (batch.length < rule.batchSize) {
        const message = queue.take(clock.elapsedMs());
        if (!message) break;
        batch.push(message);
      }
      if (batch.length === 0) return;
      for (const message of batch) void this.invoke(message);
    }
  }

  /** Fetches no further message. */
  drain(): void {
    this.isOver = true;
  }

  /** The process ended in the middle of its invocations: their messages are shown again after `againAfterMs`. */
  die(againAfterMs: number): void {
    this.isOver = true;
    for (const message of this.running) this.options.queue.putBack(message, againAfterMs);
    this.running.clear();
  }

  private async invoke(message: WakeUp): Promise<void> {
    const { queue, depsOf, onFailure } = this.options;
    if ((message.taken ?? 0) > maxDequeueCount) return void queue.poisoned++; // its processes died
    this.running.add(message);
    this.invocations += 1;
    const deps = depsOf(message.hub);
    try {
      const workRemains = await workOnHub(deps);
      if (!this.running.delete(message)) return; // the process died before it could say so
      if (!workRemains) return;
      // As `functions/hubWork.ts`: a process that stops sends it itself, and its output binding may send it too.
      if (deps.stopping.aborted) await deps.wakeUps.send(message.hub, 0);
      await queue.send(message.hub, 0);
    } catch (error) {
      if (!this.running.delete(message)) return;
      this.failures += 1;
      onFailure?.(error, deps.stopping.aborted);
      if ((message.taken ?? 0) >= maxDequeueCount) queue.poisoned += 1;
      else queue.putBack(message, retryAfterMs);
    }
  }
}
