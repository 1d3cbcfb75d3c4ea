import type { Clock } from '../clock.ts';
import type { HubBudgets } from '../hub/hubBudgets.ts';
import { isHubError } from '../hub/hubError.ts';
import type { HubOutageOptions } from '../hub/hubOutage.ts';
import type { Registry } from '../hub/registry.ts';
import type { SliceSignals } from './slice.ts';

/** What the probe of a worker needs. */
interface ProbeDeps {
  registry: Registry;
  budgets: HubBudgets;
  clock: Clock;
  /** Ends the wait for the budget. */
  signals: Pick<SliceSignals, 'ended' | 'untilRenewed'>;
}

/** The probe of a worker: it reads the hub's statistics, within the budget and before any other waiting call. */
export function hubProbe({
  registry,
  budgets: { registry: budget },
  clock,
  signals,
}: ProbeDeps): Pick<HubOutageOptions, 'beforeProbe' | 'probe'> {
  return {
    async beforeProbe() {
      const spend = await budget.take(1, signals.ended, 'high');
      await signals.untilRenewed();
      spend();
    },
    async probe() {
      const sentAtMs = clock.elapsedMs();
      try {
        await registry.countDevices();
      } catch (error) {
        if (isHubError(error, 'throttled')) budget.slowDown(sentAtMs);
        throw error;
      }
    },
  };
}
