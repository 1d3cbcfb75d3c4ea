import type { HubBudgets } from '../hub/hubBudgets.ts';
import type { SliceSignals } from './slice.ts';
import type { HubWorkerDeps } from './workerDeps.ts';

/** What the runs of one slice work with. */
export interface RunWorkDeps extends HubWorkerDeps {
  budgets: HubBudgets;
  signals: SliceSignals;
}
