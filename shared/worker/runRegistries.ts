import type { OperationClass } from '../hub/hubBudgets.ts';
import { recordThrottled } from '../hub/hubMetrics.ts';
import { OverlappingWaits } from '../hub/overlappingWaits.ts';
import { pacedRegistry } from '../hub/pacedRegistry.ts';
import type { Registry } from '../hub/registry.ts';
import type { OpenRun } from '../run/openRun.ts';
import type { RunLoopDeps } from './workerDeps.ts';

/**
 * The `pacedRegistry` of one run, and another for its pages, whose calls end with the grace period of the slice. Both check before
 * each call whether the run has ended, and show waits for the hub in the run's `waitingFor` and `throttledMs`. `beforeChange` gets
 * the modules of each change before it is sent; if it throws, the change is not sent.
 */
export function runRegistries(
  deps: RunLoopDeps,
  openRun: OpenRun,
  beforeChange: (moduleIds: readonly string[]) => void,
): { registry: Registry; pageRegistry: Registry } {
  const { registry, budgets, outage, clock, random, signals, hub, log, telemetry } = deps;
  const record = recordThrottled(telemetry, hub.name);
  const waits = new OverlappingWaits();
  const onThrottled = (operation: OperationClass, waitedMs: number) => {
    record(operation, waitedMs);
    const nowMs = clock.elapsedMs();
    const { progress } = openRun.run;
    if (progress.throttledMs !== null) progress.throttledMs += Math.round(waits.add(nowMs - waitedMs, nowMs));
  };
  const pacedUntil = (signal: AbortSignal) =>
    pacedRegistry(registry, {
      budgets,
      priority: 'normal',
      outage,
      clock,
      random,
      signal,
      retrySignal: signals.ended, // a page is not tried again after the end of the slice
      cutOff: signals.cutOff,
      beforeCall: async ({ moduleIds }) => {
        signal.throwIfAborted();
        await openRun.throwIfEnded();
        await signals.untilRenewed();
        signal.throwIfAborted();
        if (moduleIds) beforeChange(moduleIds);
      },
      onWaiting: async (reason) => {
        if (openRun.isClosed || openRun.run.waitingFor === (reason ?? null)) return;
        openRun.run.waitingFor = reason ?? null;
        if (reason !== undefined) log.warn('The run waits for the hub', { hub: hub.name, reason });
        await openRun.save();
      },
      onThrottled,
    });
  return { registry: pacedUntil(signals.ended), pageRegistry: pacedUntil(signals.cutOff) };
}
