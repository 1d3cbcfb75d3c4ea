import { withTimeout } from '../abort.ts';
import type { Clock } from '../clock.ts';
import type { DelayedWakeUp, WakeUpQueue } from '../storage/queues.ts';
import { errorFields, type Log } from '../telemetry/log.ts';

/** What a guard needs. */
export interface GuardDeps {
  wakeUps: Pick<WakeUpQueue, 'sendDelayed'>;
  clock: Clock;
  log: Log;
  hub: { name: string };
}

/** The guard becomes visible this long after the lease has expired, because storage counts both times in whole seconds. */
const afterLeaseMs = 2_000;
/** The time limit of a queue operation. It is short, because the only purpose of the guard is to save time. */
const limitMs = 5_000;

/**
 * A wake-up in the queue for the case that the worker dies: it becomes visible just after the worker's lease has expired, so
 * that another instance takes the hub up within seconds. The worker moves it on at each renewal of the lease, and removes it
 * at the end of its slice. One that becomes visible while the lease is held is dropped, like any wake-up. No method throws:
 * without a guard the hub waits for the watch.
 */
export class Guard {
  private readonly deps: GuardDeps;
  private readonly delayMs: number;
  private sent: DelayedWakeUp | undefined;
  private underWay: Promise<void> | undefined;
  private hasFailed = false;

  constructor(deps: GuardDeps, leaseDurationMs: number) {
    this.deps = deps;
    this.delayMs = leaseDurationMs + afterLeaseMs;
  }

  /** Call it after the lease was acquired or renewed: the guard becomes visible when a lease that begins now has expired. */
  set(): Promise<void> {
    // A call that comes while one is under way adds nothing: the next renewal follows soon.
    this.underWay ??= this.quietly(async () => {
      if (await this.sent?.move(this.delayMs)) return;
      this.sent = await this.deps.wakeUps.sendDelayed(this.deps.hub.name, this.delayMs);
    }).finally(() => {
      this.underWay = undefined;
    });
    return this.underWay;
  }

  /** Call it when the lease has been released. */
  async remove(): Promise<void> {
    await this.underWay;
    await this.quietly(async () => this.sent?.remove());
  }

  private async quietly(work: () => Promise<void>): Promise<void> {
    const { clock, log, hub } = this.deps;
    try {
      await withTimeout({ limitMs, what: 'A queue operation of the guard', clock }, work);
    } catch (error) {
      if (!this.hasFailed) log.warn('The guard of a slice could not be set', { hub: hub.name, ...errorFields(error) });
      this.hasFailed = true;
    }
  }
}
