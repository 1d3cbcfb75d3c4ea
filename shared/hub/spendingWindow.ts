/** State of a budget from which the next budget continues. In the hub document: Unix time in ms, by the clock of storage. */
export interface Spending {
  /** When this state was read from the budget. */
  atMs: number;
  /** Time at which the rate has paid for everything spent so far. */
  paidAtMs: number;
  /** When the rate changed last. */
  rateSinceMs: number;
  /** Operations spent within the last minute, oldest first. */
  lastMinute: [atMs: number, cost: number][];
}

/** Hubs count operations per minute (Microsoft, IoT Hub quotas page). */
export const windowMs = 60_000;

/** The time of a claim's entry is this far in the future, because its calls are sent after the claim is stored. */
export const maxAheadMs = 1_000;

/** Most entries that are stored; if there are more, adjacent entries are merged, with the latest time. */
const maxEntries = 100;

/** Sliding window over the operations spent in the last 60 s. */
export class SpendingWindow {
  /** Oldest first. */
  private readonly spent: [atMs: number, cost: number][];
  private sum = 0;

  /** Entries of claims, and of processes whose clock is ahead, are in the future; they move to `maxAheadMs` from now at most. */
  constructor(before: Spending['lastMinute'], nowMs: number) {
    this.spent = before.map(([atMs, cost]) => [Math.min(atMs, nowMs + maxAheadMs), cost]);
    for (const [, cost] of this.spent) this.sum += cost;
  }

  /** Adds `cost` at `nowMs`; returns a function that moves the entry to the later time at which the call was sent. */
  add(nowMs: number, cost: number): (spentAtMs: number) => void {
    const entry: [number, number] = [nowMs, cost];
    this.push(entry);
    return (spentAtMs) => {
      if (spentAtMs <= entry[0]) return;
      const index = this.spent.lastIndexOf(entry);
      if (index >= 0) {
        this.spent.splice(index, 1);
        this.sum -= cost;
      }
      entry[0] = spentAtMs;
      this.push(entry);
    };
  }

  private push(entry: [number, number]): void {
    this.spent.push(entry);
    this.sum += entry[1];
  }

  /** Operations spent within the last minute. */
  total(nowMs: number): number {
    this.forget(nowMs);
    return this.sum;
  }

  /** The time from which `cost` more operations fit under `limit`; a call that costs more than `limit` needs an empty window. */
  roomAtMs(nowMs: number, cost: number, limit: number): number {
    this.forget(nowMs);
    let over = this.sum + cost - Math.max(limit, cost);
    let roomAtMs = nowMs;
    for (const [atMs, spent] of this.spent) {
      if (over <= 0) break;
      over -= spent;
      roomAtMs = atMs + windowMs;
    }
    return roomAtMs;
  }

  /** The entries to store, at most 100. */
  entries(nowMs: number): Spending['lastMinute'] {
    this.forget(nowMs);
    const entries: Spending['lastMinute'] = [];
    const groupSize = Math.ceil(this.spent.length / maxEntries);
    for (let from = 0; from < this.spent.length; from += groupSize) {
      const group = this.spent.slice(from, from + groupSize);
      entries.push([group.at(-1)?.[0] ?? nowMs, group.reduce((sum, [, cost]) => sum + cost, 0)]);
    }
    return entries;
  }

  private forget(nowMs: number): void {
    for (let first = this.spent[0]; first && first[0] <= nowMs - windowMs; first = this.spent[0]) {
      this.sum -= first[1];
      this.spent.shift();
    }
  }
}
