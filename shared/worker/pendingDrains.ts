import { recordThrottled } from '../hub/hubMetrics.ts';
import { pacedRegistry } from '../hub/pacedRegistry.ts';
import type { Registry } from '../hub/registry.ts';
import { pauseBy } from '../hub/retryDelay.ts';
import { PendingLoop } from '../pending/pendingLoop.ts';
import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import type { HubDocument } from '../run/hubDocument.ts';
import { isDeadline } from './slice.ts';
import type { RunLoopDeps } from './workerDeps.ts';

/** How often a drain that found no due device looks again while the run continues. */
const pendingPollMs = 2_000;

/** The drains of one slice: loops that reconcile batch after batch of pending devices, at the same time as the run. */
export class PendingDrains {
  private readonly deps: RunLoopDeps;
  private readonly loop: PendingLoop;
  private readonly end = new AbortController();

  /** `before`: the hub document at the beginning of the slice. `onGivenUp` gets the outcomes of devices left to the next sweep. */
  constructor(
    deps: RunLoopDeps,
    { before, onGivenUp }: { before: HubDocument; onGivenUp(outcomes: readonly DeviceModuleOutcome[]): void },
  ) {
    const { clock, sliceMs } = deps;
    const { signal } = this.end;
    this.deps = deps;
    const registry = pendingRegistry(deps, signal);
    this.loop = new PendingLoop(
      { ...deps, policy: deps.inForce.policy, registry, pause: pauseBy({ ...deps, signal }), onGivenUp },
      { endsAtMs: clock.elapsedMs() + sliceMs, before },
    );
  }

  /** Whether the hub has refused the app as a whole during this slice. */
  get wasRefused(): boolean {
    return this.loop.wasRefused;
  }

  /**
   * Starts the drains. Each resolves when `run` has ended and no device is due, and rejects with the reason for which the slice
   * ended. After the deadline it rejects only when `run` has ended: started pages of the run may wait for queries until the end of
   * the grace period, and pending devices, which need no queries, can use this time.
   */
  start(run: Promise<unknown>): Promise<void>[] {
    const runEnded = new AbortController();
    const { ended, urgent } = this.deps.signals;
    const stop = (reason: unknown) => this.end.abort(reason);
    whenSettled(run, () => runEnded.abort());
    whenAborted(urgent, stop);
    whenAborted(ended, (reason) => (isDeadline(reason) ? whenSettled(run, () => stop(reason)) : stop(reason)));
    const either = AbortSignal.any([runEnded.signal, this.end.signal]);
    return Array.from({ length: this.loop.concurrency }, () => this.drainUntil(runEnded.signal, either));
  }

  private async drainUntil(runEnded: AbortSignal, either: AbortSignal): Promise<void> {
    const { signal } = this.end;
    for (;;) {
      signal.throwIfAborted();
      if ((await this.loop.step()) === 'more') continue;
      if (runEnded.aborted) return;
      await this.deps.clock.sleep(pendingPollMs, either).catch((error: unknown) => {
        if (error !== runEnded.reason) throw error;
      });
    }
  }
}

function whenAborted(signal: AbortSignal, act: (reason: unknown) => void): void {
  if (signal.aborted) act(signal.reason);
  else signal.addEventListener('abort', () => act(signal.reason));
}

function whenSettled(work: Promise<unknown>, act: () => void): void {
  void work.then(act, act);
}

function pendingRegistry(deps: RunLoopDeps, signal: AbortSignal): Registry {
  const { registry, budgets, outage, clock, random, signals, hub, log, telemetry } = deps;
  return pacedRegistry(registry, {
    budgets,
    priority: 'high',
    outage,
    clock,
    random,
    signal,
    cutOff: signals.cutOff,
    beforeCall: async () => {
      await signals.untilRenewed();
      signal.throwIfAborted();
    },
    onWaiting: async (reason) => {
      if (reason !== undefined) log.warn('Pending devices wait for the hub', { hub: hub.name, reason });
    },
    onThrottled: recordThrottled(telemetry, hub.name),
  });
}
