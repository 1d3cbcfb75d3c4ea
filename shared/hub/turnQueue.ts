/** The priority of a waiting caller: `high` for single devices, `normal` for a sweep. */
export type Priority = 'high' | 'normal';

/** The share of the operations that `normal` callers get at least while both wait, so that no sweep starves. */
const normalShare = 1 / 4;
/** Credit is a sum of fractions. */
const rounding = 1e-9;

export interface Turn {
  readonly cost: number;
  readonly priority: Priority;
}

/**
 * The order in which callers of a budget get their turn: `high` before `normal`, first come, first served among equals. While
 * `high` callers keep `normal` ones waiting, these earn credit; as soon as it pays for the first of them, that one goes next.
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

  /** The caller that is next; undefined if none waits. */
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
