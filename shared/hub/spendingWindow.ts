/** What of a budget was spent lately, so that whoever spends next goes on from there. Times are ms since 1970, UTC. */
export interface Spending {
  /** When this was noted. */
  atMs: number;
  /** When all that was spent is paid for. */
  paidAtMs: number;
  /** Since when the rate has been what it is. */
  rateSinceMs: number;
  /** What was spent within the last minute, oldest first. */
  lastMinute: [atMs: number, cost: number][];
}

/** The range over which hubs count operations (IoT Hub quotas page). */
export const windowMs = 60_000;

/** So many entries are handed on at most; where there are more, neighbours become one, at the time of the later one. */
const mostEntries = 100;

/** What was spent within the last 60 s, and when there is room for more. */
export class SpendingWindow {
  /** Oldest first. */
  private readonly spent: [atMs: number, cost: number][];
  private sum = 0;

  /** The clock of who spent before may have been ahead of ours: what lies in the future counts as of now. */
  constructor(before: Spending['lastMinute'], nowMs: number) {
    this.spent = before.map(([atMs, cost]) => [Math.min(atMs, nowMs), cost]);
    for (const [, cost] of this.spent) this.sum += cost;
  }

  /** Answers a function that says when it was really spent, if that is later. */
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

  /** All that was spent within the last minute. */
  total(nowMs: number): number {
    this.forget(nowMs);
    return this.sum;
  }

  /** When `cost` more fit under `limit`; a single call that costs more than that by itself needs the window for itself. */
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

  entries(nowMs: number): Spending['lastMinute'] {
    this.forget(nowMs);
    const entries: Spending['lastMinute'] = [];
    const together = Math.ceil(this.spent.length / mostEntries);
    for (let from = 0; from < this.spent.length; from += together) {
      const group = this.spent.slice(from, from + together);
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
