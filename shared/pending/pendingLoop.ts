import { explain } from '../hub/adviceFor.ts';
import { HubFullError, recountHeadroom } from '../hub/headroom.ts';
import type { HubBudgets } from '../hub/hubBudgets.ts';
import { isHubError } from '../hub/hubError.ts';
import { maxBulkIdentities } from '../hub/registry.ts';
import { noteFull } from '../run/hubDocument.ts';
import type { Documents } from '../storage/documents.ts';
import type { PendingDevices, WakeUps } from '../storage/queues.ts';
import { PendingBatch } from './pendingBatch.ts';
import { type BatchDeps, reconcileBatch } from './reconcileBatch.ts';

export interface PendingDeps extends BatchDeps {
  documents: Documents;
  pending: PendingDevices;
  wakeUps: WakeUps;
}

/** Budget that one batch may use up, well within the time for which its messages are hidden. */
const batchWorthMs = 120_000;

/** The pending devices of one hub within one slice. Once the hub refuses the app, they stay in their queue. */
export class PendingLoop {
  private readonly deps: PendingDeps;
  private readonly endsAtMs: number;
  private full: boolean;
  private refused = false;

  /** `full`: only the reserved headroom was left when the hub was last looked at. */
  constructor(deps: PendingDeps, options: { endsAtMs: number; full: boolean }) {
    this.deps = deps;
    this.endsAtMs = options.endsAtMs;
    this.full = options.full;
  }

  /** Whether the hub has refused the app as a whole. */
  get wasRefused(): boolean {
    return this.refused;
  }

  /** Reconciles one batch. `idle`: no device is due, or the hub refuses the app. */
  async step(): Promise<'more' | 'idle'> {
    if (this.refused) return 'idle';
    try {
      if (this.full) await this.findHeadroom();
      return (await this.drainBatch()) ? 'more' : 'idle';
    } catch (error) {
      await this.noteRefusal(error);
      return 'idle';
    }
  }

  /** Throws `HubFullError` if there still is none. */
  private async findHeadroom(): Promise<void> {
    const { registry, documents, hub } = this.deps;
    await recountHeadroom(registry, 1);
    await noteFull(documents, hub.name, undefined);
    this.full = false;
  }

  private async drainBatch(): Promise<boolean> {
    const { hub, clock, budgets, policy } = this.deps;
    const size = batchSize(budgets, this.endsAtMs - clock.now(), policy.length);
    const batch = await PendingBatch.take(hub.name, this.deps, size);
    if (!batch) return false;
    try {
      await reconcileBatch(this.deps, batch);
    } finally {
      await batch.putBackAll();
    }
    return true;
  }

  /** Throws what is no refusal. A run meets the same refusal by itself, and says so in its record. */
  private async noteRefusal(error: unknown): Promise<void> {
    const { documents, hub, clock, log } = this.deps;
    if (!isHubError(error) && !(error instanceof HubFullError)) throw error;
    if (isHubError(error, 'identityCap')) await noteFull(documents, hub.name, new Date(clock.now()).toISOString());
    const reason = isHubError(error) ? explain(error, hub.auth) : error.message;
    log.error('Pending devices cannot be reconciled', { hub: hub.name, reason });
    this.refused = true;
  }
}

/** How many messages a batch should take at the present rate: as many as the slice has time for, since each costs a read. */
function batchSize({ registry }: HubBudgets, sliceLeftMs: number, specs: number): number {
  const devices = Math.ceil(registry.worthOf(Math.min(batchWorthMs, sliceLeftMs)) / specs);
  return Math.min(maxBulkIdentities, devices);
}
