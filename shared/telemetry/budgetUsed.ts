import type { Clock } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';
import { aroundEachCall } from '../hub/aroundEachCall.ts';
import { hubBudgets, type OperationClass } from '../hub/hubBudgets.ts';
import type { Registry } from '../hub/registry.ts';
import type { Telemetry } from './telemetry.ts';

/** Over so long a hub counts (IoT Hub quotas page), and so does a budget. */
const windowMs = 60_000;

/** The same registry, for a hub's worker: after each call it tells how much of the granted budget the last minute took. */
export function tellingBudgetUsed(registry: Registry, hub: HubConfig, clock: Clock, telemetry: Telemetry): Registry {
  const granted = hubBudgets(hub, clock);
  const spent: Record<OperationClass, Spending> = {
    registry: new Spending(clock),
    queries: new Spending(clock),
    twinReads: new Spending(clock),
  };
  return aroundEachCall(registry, async ({ operationClass, cost }, work) => {
    const lastMinute = spent[operationClass].spend(cost);
    const share = lastMinute / granted[operationClass].grantedPerMinute;
    telemetry.gauge('keeper.budget_used', share, { hub: hub.name, operationClass });
    return work();
  });
}

/** What was spent within the last minute. */
class Spending {
  private readonly clock: Clock;
  private readonly entries: { atMs: number; cost: number }[] = [];
  private sum = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  spend(cost: number): number {
    const now = this.clock.now();
    this.entries.push({ atMs: now, cost });
    this.sum += cost;
    for (let first = this.entries[0]; first && first.atMs <= now - windowMs; first = this.entries[0]) {
      this.sum -= first.cost;
      this.entries.shift();
    }
    return this.sum;
  }
}
