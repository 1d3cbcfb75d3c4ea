import type { Budget } from '../../../shared/hub/budget.ts';
import type { FakeClock } from '../../support/fakeClock.ts';

export const minuteMs = 60_000;

export interface Grant {
  atMs: number;
  cost: number;
  /** The rate at the time of the grant. */
  ratePerMinute: number;
}

/** Takes from the budget, and records the grant. */
export async function take(
  budget: Budget,
  clock: FakeClock,
  cost: number,
  grants: Grant[],
  signal?: AbortSignal,
): Promise<void> {
  await budget.take(cost, signal);
  grants.push({ atMs: clock.now(), cost, ratePerMinute: budget.ratePerMinute });
}

/** The grants at which a window of 60 s ends that holds too much; the fullest window always ends with a grant. */
export function overfullWindows(grants: readonly Grant[]): Grant[] {
  return grants.filter((last, index) => {
    const within = grants.slice(0, index + 1).filter(({ atMs }) => atMs > last.atMs - minuteMs);
    const sum = within.reduce((total, { cost }) => total + cost, 0);
    return sum > Math.max(last.ratePerMinute, last.cost) + 1e-6;
  });
}
