import type { Budget } from '../../../shared/hub/budget.ts';
import type { FakeClock } from '../../support/fakeClock.ts';

export const minuteMs = 60_000;

export interface Grant {
  atMs: number;
  cost: number;
  /** The rate at the moment of the grant. */
  ratePerMinute: number;
}

/** Takes from the budget, and notes the grant. */
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

/** Every window that can be the fullest one ends with a grant: of those, the ones that hold too much. */
export function overfullWindows(grants: readonly Grant[]): Grant[] {
  return grants.filter((last, index) => {
    const within = grants.slice(0, index + 1).filter(({ atMs }) => atMs > last.atMs - minuteMs);
    const sum = within.reduce((total, { cost }) => total + cost, 0);
    return sum > Math.max(last.ratePerMinute, last.cost) + 1e-6;
  });
}
