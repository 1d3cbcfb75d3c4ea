/** The priority of a waiting caller: `high` for single devices, `normal` for a sweep. */
export type Priority = 'high' | 'normal';

/** The smallest share of the operations for `normal` callers while `high` callers wait too, so that a sweep always continues. */
const normalShare = 1 / 4;
/** Tolerance for rounding errors, because credit is a sum of fractions. */
const rounding = 1e-9;

/** A caller that waits for `cost` operations. */
export interface Turn {
  readonly cost: number;
  readonly priority: Priority;
}

/**
 * The order in which callers of a budget get their turn: `high` before `normal`, and in order of arrival within a priority. While
 * `normal` callers wait, each served `high` call adds to their credit; the first `normal` caller is next when the credit is at
 * least its cost.
 */
export class TurnQueue<T extends Turn> {
  private readonly waiting: Record<Priority, T[]> = { high: [], normal: [] };
  private normalCredit = 0;

  add(turn: T): void {
    this.waiting[turn.priority].push(turn);
  }

  /** Removes a turn that was served or given up. */
  remove(turn: T): void {
    const turns = this.waiting[turn.priority];
    const index = turns.indexOf(turn);
    if (index >= 0) turns.splice(index, 1);
  }

  /** The caller whose turn is next; undefined if no caller waits. */
  get next(): T | undefined {
    const [high] = this.waiting.high;
    const [normal] = this.waiting.normal;
    if (high === undefined || normal === undefined) return high ?? normal;
    return this.normalCredit + rounding >= normal.cost ? normal : high;
  }

  /** Whether `high` callers wait at this moment. */
  get hasHigh(): boolean {
    return this.waiting.high.length > 0;
  }

  /** To be called before `remove`, for a turn that was served. */
  served({ priority, cost }: T): void {
    if (priority === 'normal') this.normalCredit = Math.max(0, this.normalCredit - cost);
    else if (this.waiting.normal.length > 0) this.normalCredit += (cost * normalShare) / (1 - normalShare);
  }
}
