import { explain } from '../hub/adviceFor.ts';
import { HubFullError } from '../hub/headroom.ts';
import type { HubBudgets } from '../hub/hubBudgets.ts';
import { isHubError } from '../hub/hubError.ts';
import { maxBulkIdentities } from '../hub/registry.ts';
import { type HubDocument, writeFullSince } from '../run/hubDocument.ts';
import type { PendingDevices, WakeUps } from '../storage/queues.ts';
import { PendingBatch } from './pendingBatch.ts';
import { PendingHeadroom } from './pendingHeadroom.ts';
import { type BatchDeps, reconcileBatch } from './reconcileBatch.ts';

/** What reconciling pending devices needs, for one hub. */
export interface PendingDeps extends BatchDeps {
  pending: PendingDevices;
  wakeUps: WakeUps;
}

/** The largest part of the budget for one batch. The messages of a longer batch would have to be hidden again several times. */
const batchWorthMs = 30_000;
/**
 * Assumed time of a batch of 100 devices, from the response times of live hubs in docs/benchmarks.md (reads 135 ms, bulk creates
 * 900 ms): its reads and its bulk create take nearly a second each, its messages the rest.
 */
const batchTakesMs = 2_500;
/** The largest number of batches under way; eleven use the grant of the largest hub. */
const maxConcurrency = 12;

/** Reconciles the pending devices of one hub during one slice. If the hub refuses the app, they stay in their queue. */
export class PendingLoop {
  private readonly deps: PendingDeps;
  private readonly endsAtMs: number;
  private readonly headroom: PendingHeadroom;
  private refused = false;

  /** `before`: the hub document at the beginning of the slice. */
  constructor(deps: PendingDeps, options: { endsAtMs: number; before: HubDocument }) {
    this.deps = deps;
    this.endsAtMs = options.endsAtMs;
    this.headroom = new PendingHeadroom(deps, options.before);
  }

  /** Whether the hub has refused the app as a whole during this slice. */
  get wasRefused(): boolean {
    return this.refused;
  }

  /**
   * How many batches may be under way at the same time: two, so that a device whose own calls fail does not delay the others; more
   * on a hub whose rate is higher than two batches, with their storage calls, can use.
   */
  get concurrency(): number {
    const batches = Math.ceil(this.deps.budgets.registry.worthOf(batchTakesMs) / maxBulkIdentities);
    return Math.min(maxConcurrency, Math.max(2, batches));
  }

  /** Reconciles one batch. `idle`: no device is due, or the hub refuses the app. May be called while others are under way. */
  async step(): Promise<'more' | 'idle'> {
    if (this.refused) return 'idle';
    try {
      return (await this.reconcileNextBatch()) ? 'more' : 'idle';
    } catch (error) {
      await this.handleRefusal(error);
      return 'idle';
    }
  }

  /** False if no device is due, or if the batches under way have reserved the rest of the headroom. */
  private async reconcileNextBatch(): Promise<boolean> {
    const { hub, clock, budgets, policy, pending } = this.deps;
    // Most of the time no device is due, and then the hub is not counted.
    if (this.headroom.isSmall && !(await pending.hasVisible(hub.name))) return false;
    const wanted = batchSize(budgets, this.endsAtMs - clock.elapsedMs(), policy.length * this.concurrency);
    const size = await this.headroom.reserve(wanted, policy.length);
    let taken = 0;
    try {
      const batch = size > 0 ? await PendingBatch.take(hub.name, this.deps, size) : undefined;
      if (!batch) return false;
      taken = batch.entries().length;
      try {
        await batch.hiddenDuring(clock, () => reconcileBatch(this.deps, batch));
      } finally {
        await batch.putBackAll();
      }
      return true;
    } finally {
      this.headroom.release(size, policy.length, taken);
    }
  }

  /** Rethrows an error that is not a refusal. An active run receives the same refusal and stores it as its reason. */
  private async handleRefusal(error: unknown): Promise<void> {
    const { documents, hub, clock, log } = this.deps;
    if (!isHubError(error) && !(error instanceof HubFullError)) throw error;
    if (isHubError(error, 'identityCap'))
      await writeFullSince(documents, hub.name, new Date(clock.now()).toISOString());
    const reason = isHubError(error) ? explain(error, hub.auth) : error.message;
    log.error('Pending devices cannot be reconciled', { hub: hub.name, reason });
    this.refused = true;
  }
}

/** Number of messages per batch at the current rate: only as many as the slice has time for, because each costs a read. */
function batchSize({ registry }: HubBudgets, sliceLeftMs: number, pairs: number): number {
  const devices = Math.ceil(registry.worthOf(Math.min(batchWorthMs, sliceLeftMs)) / pairs);
  return Math.min(maxBulkIdentities, devices);
}
