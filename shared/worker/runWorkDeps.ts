import type { HubBudgets } from '../hub/hubBudgets.ts';
import type { SliceSignals } from './slice.ts';
import type { WorkerDeps } from './workerDeps.ts';

/** What the runs of one slice work with. */
export interface RunLoopDeps extends WorkerDeps {
  budgets: HubBudgets;
  signals: SliceSignals;
}
