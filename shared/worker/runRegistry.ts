import { recordThrottled } from '../hub/hubMetrics.ts';
import { pacedRegistry } from '../hub/pacedRegistry.ts';
import type { Registry } from '../hub/registry.ts';
import type { OpenRun } from '../run/openRun.ts';
import type { RunLoopDeps } from './workerDeps.ts';

/**
 * The `pacedRegistry` of one run. Before each call it checks `signal` and whether the run has ended; waits for the hub are
 * shown in the run's `waitingFor`. `beforeChange` is called with the modules of each change before it is sent, and may refuse it
 * by an error.
 */
export function runRegistry(
  deps: RunLoopDeps,
  openRun: OpenRun,
  signal: AbortSignal,
  beforeChange: (moduleIds: readonly string[]) => void = () => {},
): Registry {
  const { registry, budgets, outage, clock, random, signals, hub, log, telemetry } = deps;
  return pacedRegistry(registry, {
    budgets,
    priority: 'normal',
    outage,
    clock,
    random,
    signal,
    retrySignal: signals.ended, // a page that is not served waits no longer than the slice
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
    onThrottled: recordThrottled(telemetry, hub.name),
  });
}
