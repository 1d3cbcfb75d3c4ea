import { recordThrottled } from '../hub/hubMetrics.ts';
import { pacedRegistry } from '../hub/pacedRegistry.ts';
import type { Registry } from '../hub/registry.ts';
import type { OpenRun } from '../run/openRun.ts';
import type { RunLoopDeps } from './workerDeps.ts';

/** A run's way to the hub, until `signal` ends it; what the hub makes it wait for is shown in its record. */
export function runRegistry(deps: RunLoopDeps, openRun: OpenRun, signal: AbortSignal): Registry {
  const { registry, budgets, clock, random, signals, hub, log, telemetry } = deps;
  return pacedRegistry(registry, {
    budgets,
    clock,
    random,
    signal,
    cutOff: signals.cutOff,
    beforeCall: async () => {
      signal.throwIfAborted();
      await openRun.throwIfEnded();
      signal.throwIfAborted();
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
