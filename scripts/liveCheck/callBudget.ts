import { Unsettled } from './unsettled.ts';

/** The most calls of a run, those that remove the scratch device included. */
export const maxCalls = 200;

/** The part of `maxCalls` that only the removal may use: two deletes, each tried up to three times. */
const callsForRemoval = 6;

/** Counts calls before they are sent. */
export class CallBudget {
  private used = 0;
  private readonly max: number;

  constructor(max = maxCalls) {
    this.max = max;
  }

  get usedCalls(): number {
    return this.used;
  }

  /** Counts one call. Throws `Unsettled` if it would be one too many; the last `callsForRemoval` are for `removal` only. */
  take(purpose: 'check' | 'removal'): void {
    const limit = purpose === 'removal' ? this.max : this.max - callsForRemoval;
    if (this.used >= limit) throw new Unsettled(`the budget of ${this.max} calls is used up`);
    this.used += 1;
  }
}
